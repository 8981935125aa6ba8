"""The broker of the tests of Celery: a separate database for each test process."""

import os
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.databases import PROCESS

SERVER = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
# The even databases, from the last one down.
BROKER_URL = f"{SERVER}/{14 - 2 * PROCESS}"


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    """The URL of an empty broker. Without one, the test is skipped, or fails in CI."""
    with Redis.from_url(BROKER_URL, socket_connect_timeout=2) as server:
        try:
            server.flushdb()
        except RedisError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no broker: {error}")
        yield BROKER_URL
        server.flushdb()
