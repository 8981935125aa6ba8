"""The site with the sample jobs, for tests that start other processes."""

from tests.jobs import sample_jobs, sample_schedules
from wsgi import app

__all__ = ["app", "sample_jobs", "sample_schedules"]
