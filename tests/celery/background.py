"""The commands with which Celery runs jobs, for tests of every kind of worker."""

from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError

from tests.celery.broker import BROKER_URL

# The arguments of `python -m`, with the module of the site, and the settings.
WORKERS: dict[str, tuple[str, dict[str, str]]] = {}

# Left out without a broker. The tests of Celery itself report that it is missing.
with suppress(RedisError), Redis.from_url(BROKER_URL, socket_connect_timeout=2) as server:
    server.ping()
    command = "celery -A {site}:celery worker --concurrency=1 --loglevel=ERROR"
    WORKERS["celery"] = (command, {"CELERY_BROKER_URL": BROKER_URL})
