"""The site with the sample jobs, for Celery's workers."""

from tests.jobs.app_with_sample_jobs import sample_jobs
from wsgi import celery

__all__ = ["celery", "sample_jobs"]
