"""Rate limits counted in Redis."""

from collections.abc import Callable

import pytest
from flask import Blueprint

from app.application import Application
from app.sessions.guards import public
from app.web.rate_limits import rate_limit
from tests.client import Client
from tests.conftest import visitor
from tests.redis.server import NO_SERVER, empty_redis

views = Blueprint("views", __name__)


@views.post("/limited")
@public
@rate_limit("2 per 3 minutes")
def limited() -> dict[str, str]:
    return {}


@views.post("/limited-twice")
@public
@rate_limit("4 per hour; 2 per minute")
def limited_twice() -> dict[str, str]:
    return {}


@pytest.fixture
def browser(make_app: Callable[..., Application]) -> Callable[[str], Client]:
    """Create a client of a process that counts in this Redis."""

    def open_browser(url: str) -> Client:
        app = make_app(views, RATE_LIMITS_ENABLED=True, WTF_CSRF_ENABLED=False, REDIS_URL=url)
        return visitor(app)

    return open_browser


def post_limited(client: Client, times: int = 1) -> list[int]:
    return [client.post("/limited").status_code for _ in range(times)]


def test_all_processes_count_together(browser: Callable[[str], Client], redis_url: str) -> None:
    empty_redis()
    one, other = browser(redis_url), browser(redis_url)
    assert post_limited(one) + post_limited(other) + post_limited(one) + post_limited(other) == [
        200,
        200,
        429,
        429,
    ]


def test_all_limits_hold(browser: Callable[[str], Client], redis_url: str) -> None:
    empty_redis()
    client = browser(redis_url)
    assert [client.post("/limited-twice").status_code for _ in range(3)] == [200, 200, 429]
    assert 1 <= int(client.post("/limited-twice").headers["Retry-After"]) <= 60


def test_requests_are_still_limited_while_redis_is_down(
    browser: Callable[[str], Client],
) -> None:
    one, other = (browser(NO_SERVER) for _ in range(2))
    assert post_limited(one, 1) + post_limited(other, 2) == [200, 200, 429]
