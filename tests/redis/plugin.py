"""Run all tests with sessions and rate limits in Redis, if TEST_SESSION_STORE=redis."""

import os

import pytest

from tests.conftest import SETTINGS
from tests.redis.server import REDIS_URL, empty_redis, redis_refusal

ALL_IN_REDIS = os.environ.get("TEST_SESSION_STORE") == "redis"
if ALL_IN_REDIS:
    SETTINGS.update(SESSION_STORE="redis", REDIS_URL=REDIS_URL)


def pytest_sessionstart(session: pytest.Session) -> None:
    if ALL_IN_REDIS and redis_refusal() and not os.environ.get("CI"):
        pytest.exit(f"Not tested with SESSION_STORE=redis: {redis_refusal()}", returncode=0)


@pytest.fixture(autouse=True)
def empty_session_store() -> None:
    if ALL_IN_REDIS:
        empty_redis()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The URL of a Redis server. Without one, the test is skipped, or fails in CI."""
    if redis_refusal() and not os.environ.get("CI"):
        pytest.skip(f"no Redis: {redis_refusal()}")
    assert redis_refusal() is None
    return REDIS_URL
