"""What other processes serve and work for in these tests: the site, with the tests' jobs."""

from tests.jobs import work
from wsgi import app, celery

__all__ = ["app", "celery", "work"]
