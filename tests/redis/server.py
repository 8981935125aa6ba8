"""The Redis server that the tests use."""

import os
from functools import cache

from redis import Redis
from redis.exceptions import RedisError

from tests.databases import PROCESS

SERVER = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
# Each test process empties one of the sixteen databases: every second, from the last one down. The
# first four are left to the developer.
REDIS_URL = f"{SERVER}/{15 - 2 * PROCESS}"
NO_SERVER = "redis://127.0.0.1:1/0"


@cache
def redis_refusal() -> str | None:
    """Return why Redis cannot be used here, or None if it can."""
    try:
        Redis.from_url(REDIS_URL, socket_connect_timeout=2).ping()
    except RedisError as error:
        return str(error)
    return None


def empty_redis() -> None:
    with Redis.from_url(REDIS_URL) as connection:
        connection.flushdb()
