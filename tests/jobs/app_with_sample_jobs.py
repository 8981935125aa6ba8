"""The site with the sample jobs, for tests that start other processes."""

from tests.jobs import sample_jobs
from wsgi import app, celery

__all__ = ["app", "celery", "sample_jobs"]
