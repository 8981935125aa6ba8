"""The broker, the jobs of the tests, and the names that they change."""

from tests.celery.broker import broker as broker
from tests.jobs.conftest import jobs as jobs
from tests.jobs.conftest import name_of as name_of
