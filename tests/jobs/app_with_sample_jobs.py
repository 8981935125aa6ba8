"""The site with the sample jobs, for tests that start other processes."""

from tests.jobs import sample_jobs
from tests.jobs.sample_schedules import schedule_sample_jobs
from wsgi import app

__all__ = ["app", "sample_jobs"]

schedule_sample_jobs()
