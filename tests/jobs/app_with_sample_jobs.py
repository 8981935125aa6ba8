"""The site with the sample jobs, for tests that start other processes."""

from tests.jobs import sample_jobs, sample_schedules
from wsgi import app, celery

__all__ = ["app", "celery", "sample_jobs", "sample_schedules"]
