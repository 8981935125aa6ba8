"""How often somebody may do something."""

from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, request
from redis import Redis

from app.application import Application
from app.rate_limits import rate_limit
from app.sessions.guards import public
from tests.client import Client
from tests.conftest import signed_in, visitor
from tests.databases import BROKER_URL as REDIS_URL

views = Blueprint("views", __name__)


@views.route("/bell", methods=["GET", "POST"])
@public
@rate_limit("2 per 3 minutes")
def bell() -> dict[str, str]:
    return {"bell": "rung"}


@views.post("/door")
@public
@rate_limit("2 per 3 minutes", by=lambda: request.form["name"])
def door() -> dict[str, str]:
    return {"door": "knocked"}


@pytest.fixture
def browser(make_app: Callable[..., Application]) -> Callable[..., Client]:
    def open_browser(**settings: object) -> Client:
        on = {
            "RATE_LIMITS_ENABLED": True,
            "REDIS_URL": "",
            "SESSION_STORE": "cookie",
            "WTF_CSRF_ENABLED": False,
        }
        return visitor(make_app(views, **{**on, **settings}))

    return open_browser


@pytest.fixture
def redis_url() -> Iterator[str]:
    client = Redis.from_url(REDIS_URL)
    client.flushdb()
    yield REDIS_URL
    client.flushdb()
    client.close()


def ring(client: Client, times: int = 1, address: str = "127.0.0.1") -> list[int]:
    where = {"REMOTE_ADDR": address}
    return [client.post("/bell", environ_overrides=where).status_code for _ in range(times)]


def test_who_comes_too_often_is_told_when_to_come_back(browser: Callable[..., Client]) -> None:
    client = browser()
    assert ring(client, 3) == [200, 200, 429]
    answer = client.post("/bell")
    assert 170 <= int(answer.headers["Retry-After"]) <= 180
    assert "too often" in answer.text


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/login", 60), ("/register", 60), ("/reset", 60)],
)
def test_robots_are_worn_out_before_we_are(
    path: str, limit: int, browser: Callable[..., Client]
) -> None:
    """What hashes a password or sends a mail to anybody is done so often and no oftener."""
    client = browser(WTF_CSRF_ENABLED=True)
    token = client.csrf_token(path)
    answers = [client.post(path, data={"csrf_token": token}).status_code for _ in range(limit)]
    assert answers == [422] * limit
    assert client.post(path, data={"csrf_token": token}).status_code == 429


@pytest.mark.parametrize("path", ["/account/email", "/account/export"])
def test_so_is_who_is_signed_in(path: str, make_app: Callable[..., Application], alice) -> None:
    client = signed_in(
        make_app(RATE_LIMITS_ENABLED=True, REDIS_URL="", SESSION_STORE="cookie"), alice
    )
    answers = [client.submit(path, email="no address").status_code for _ in range(20)]
    assert 429 not in answers
    assert client.submit(path, email="no address").status_code == 429


def test_looking_costs_nobody_a_try(browser: Callable[..., Client]) -> None:
    client = browser()
    assert [client.get("/bell").status_code for _ in range(4)] == [200] * 4
    assert ring(client) == [200]


def test_one_address_does_not_use_up_the_tries_of_another(browser: Callable[..., Client]) -> None:
    client = browser()
    assert ring(client, 3, address="192.0.2.1")[-1] == 429
    assert ring(client, address="192.0.2.2") == [200]


def test_a_limit_may_count_by_something_else(browser: Callable[..., Client]) -> None:
    client = browser()
    names = ["Alice", "Alice", "Alice", "Bob"]
    codes = [client.post("/door", data={"name": name}).status_code for name in names]
    assert codes == [200, 200, 429, 200]


def test_limits_can_be_turned_off(browser: Callable[..., Client]) -> None:
    assert ring(browser(RATE_LIMITS_ENABLED=False), 4) == [200] * 4


def test_all_processes_count_together_in_redis(
    browser: Callable[..., Client], redis_url: str
) -> None:
    one, other = browser(REDIS_URL=redis_url), browser(REDIS_URL=redis_url)
    assert ring(one) + ring(other) + ring(one) + ring(other) == [200, 200, 429, 429]


def test_the_site_and_its_limits_go_on_while_redis_is_away(
    browser: Callable[..., Client],
) -> None:
    client = browser(REDIS_URL="redis://127.0.0.1:1/0")
    assert ring(client, 3) == [200, 200, 429]
