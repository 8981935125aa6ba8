"""Rate limits of views, counted in the database."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask import Blueprint, request
from sqlalchemy import func, select, text

from app.application import Application
from app.database import db
from app.sessions.current import user_or_network
from app.sessions.guards import public
from app.users.models import User
from app.web.rate_limits import RateLimitWindow, rate_limit
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.page import Page
from tests.server import Browser
from tests.serving import Server
from tests.stores import counting_in_database

views = Blueprint("views", __name__)


@views.route("/limited", methods=["GET", "POST"])
@public
@rate_limit("2 per 3 minutes")
def limited() -> dict[str, str]:
    return {"limited": "yes"}


@views.post("/limited-by-name")
@public
@rate_limit("2 per 3 minutes", by=lambda: request.form["name"])
def limited_by_name() -> dict[str, str]:
    return {"limited": "by name"}


@views.post("/limited-twice")
@public
@rate_limit("4 per hour; 2 per minute")
def limited_twice() -> dict[str, str]:
    return {"limited": "twice"}


@views.post("/limited-by-user")
@public
@rate_limit("2 per 3 minutes", by=user_or_network)
def limited_by_user() -> dict[str, str]:
    return {"limited": "by user"}


@pytest.fixture
def browser(make_app: Callable[..., Application]) -> Callable[..., Client]:
    def open_browser(**settings: object) -> Client:
        on = {"RATE_LIMITS_ENABLED": True, "WTF_CSRF_ENABLED": False}
        return visitor(counting_in_database(make_app(views, **{**on, **settings})))

    return open_browser


def post_limited(client: Client, times: int = 1, address: str = "127.0.0.1") -> list[int]:
    where = {"REMOTE_ADDR": address}
    return [client.post("/limited", environ_overrides=where).status_code for _ in range(times)]


def test_a_client_over_the_limit_gets_a_429_with_retry_after(
    browser: Callable[..., Client],
) -> None:
    client = browser()
    assert post_limited(client, 3) == [200, 200, 429]
    response = client.post("/limited")
    assert 170 <= int(response.headers["Retry-After"]) <= 180
    assert "Too many requests" in response.text


BURST = 10


@pytest.mark.parametrize(("path", "burst"), [("/login", 60), ("/register", 10), ("/reset", 10)])
def test_expensive_pages_have_a_limit_per_minute(
    path: str, burst: int, browser: Callable[..., Client]
) -> None:
    """Pages that hash a password or send an email are limited."""
    assert send(browser(WTF_CSRF_ENABLED=True), path, burst + 1) == [422] * burst + [429]


def send(client: Client, path: str, times: int) -> list[int]:
    """Submit an empty form."""
    sent = {"csrf_token": client.csrf_token()}
    return [client.post(path, data=sent).status_code for _ in range(times)]


@pytest.mark.parametrize("path", ["/register", "/reset"])
def test_expensive_pages_have_a_limit_per_hour(
    path: str, browser: Callable[..., Client], clock: Clock
) -> None:
    client = browser(WTF_CSRF_ENABLED=True)
    for _ in range(6):
        assert send(client, path, BURST) == [422] * BURST
        clock.forward(minutes=1)
    assert send(client, path, 1) == [429]


def test_resending_an_email_has_a_limit(browser: Callable[..., Client]) -> None:
    assert send(browser(WTF_CSRF_ENABLED=True), "/check-mail", 6) == [422] * 5 + [429]


def test_a_signed_in_user_has_a_limit_across_networks(
    make_app: Callable[..., Application], alice: User, bob: User
) -> None:
    app = counting_in_database(make_app(RATE_LIMITS_ENABLED=True))
    hers, his = signed_in(app, alice), signed_in(app, bob)
    for number in range(6):
        hers.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        status = hers.submit("/account/email", email="no address").status_code
        assert (status == 429) == (number == 5)
    assert his.submit("/account/email", email="no address").status_code != 429


def test_opening_a_form_does_not_count(browser: Callable[..., Client]) -> None:
    client = browser()
    assert [client.get("/limited").status_code for _ in range(4)] == [200] * 4
    assert post_limited(client) == [200]


def test_networks_are_counted_separately(
    browser: Callable[..., Client],
) -> None:
    client = browser()
    assert post_limited(client, 3, address="192.0.2.1")[-1] == 429
    assert post_limited(client, address="192.0.2.2") == [200]


def test_another_address_or_port_of_a_network_does_not_reset_the_limit(
    browser: Callable[..., Client],
) -> None:
    client = browser()
    for network in (
        ["2001:db8::1", "2001:db8::2", "[2001:db8::3]:4000"],
        ["192.0.2.1:4000", "192.0.2.1:4001", "::ffff:192.0.2.1"],
        ["no address", "another", ""],
    ):
        responses = [post_limited(client, address=address) for address in network]
        assert responses == [[200], [200], [429]], network
    assert post_limited(client, address="2001:db8:0:1::1") == [200]


def test_a_limit_can_count_by_another_key(browser: Callable[..., Client]) -> None:
    client = browser()
    names = ["Alice", "Alice", "Alice", "Bob"]
    codes = [client.post("/limited-by-name", data={"name": name}).status_code for name in names]
    assert codes == [200, 200, 429, 200]


def test_a_limit_can_count_by_user(browser: Callable[..., Client], alice: User) -> None:
    stranger = browser()
    hers = signed_in(stranger.application, alice)
    assert [hers.post("/limited-by-user").status_code for _ in range(3)] == [200, 200, 429]
    assert stranger.post("/limited-by-user").status_code == 200


def test_every_limit_holds_and_a_refusal_counts_for_none(
    browser: Callable[..., Client], clock: Clock
) -> None:
    client = browser()
    assert [client.post("/limited-twice").status_code for _ in range(5)] == [
        200,
        200,
        429,
        429,
        429,
    ]
    clock.forward(minutes=1)
    assert [client.post("/limited-twice").status_code for _ in range(3)] == [200, 200, 429]
    clock.forward(minutes=1)
    response = client.post("/limited-twice")
    assert (response.status_code, int(response.headers["Retry-After"])) == (429, 58 * 60)


def test_waiting_for_retry_after_is_enough(browser: Callable[..., Client], clock: Clock) -> None:
    client = browser()
    post_limited(client, 2)
    clock.forward(seconds=100)
    wait = int(client.post("/limited").headers["Retry-After"])
    assert 79 <= wait <= 80
    clock.forward(seconds=wait - 1.1)
    assert post_limited(client) == [429]
    clock.forward(seconds=1.1)
    assert post_limited(client, 3) == [200, 200, 429]


def test_limits_can_be_turned_off(browser: Callable[..., Client]) -> None:
    assert post_limited(browser(RATE_LIMITS_ENABLED=False), 4) == [200] * 4


def test_all_processes_count_together(browser: Callable[..., Client]) -> None:
    one, other = browser(), browser()
    assert post_limited(one) + post_limited(other) + post_limited(one) + post_limited(other) == [
        200,
        200,
        429,
        429,
    ]


@pytest.mark.parametrize("path", ["/register", "/reset", "/login"])
def test_concurrent_requests_to_two_workers_are_limited_exactly(
    path: str, gunicorn: Callable[..., Server]
) -> None:
    limit = 60 if path == "/login" else BURST
    port = urlsplit(gunicorn(RATE_LIMITS_ENABLED="1").url).port
    browser = Browser(port)
    token = Page(browser.get(path).text).fields_for(path)["csrf_token"]

    def post(number: int) -> int:
        return browser.copy().post(path, csrf_token=token).status

    with ThreadPoolExecutor(8) as robots:
        responses = Counter(robots.map(post, range(limit + 20)))
    assert responses == {422: limit, 429: 20}


def test_counting_does_not_wait_for_the_disk(
    browser: Callable[..., Client], is_postgresql: bool
) -> None:
    kind = text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limit_windows'")
    with browser().application.app_context():
        assert not is_postgresql or db.session.scalar(kind) in {"u", b"u"}


def test_counted_keys_are_digests_and_are_pruned(
    browser: Callable[..., Client], clock: Clock
) -> None:
    client = browser()
    for number in range(5):
        post_limited(client, address=f"192.0.2.{number}")
    clock.forward(minutes=2)
    post_limited(client, address="192.0.2.5")
    with client.application.app_context():
        assert {len(key) for key in db.session.scalars(select(RateLimitWindow.key))} == {32}
    clock.forward(minutes=2)
    output = client.application.test_cli_runner().invoke(args=["prune"]).output
    assert "windows of rate limits: 5" in output
    with client.application.app_context():
        assert db.session.scalar(select(func.count()).select_from(RateLimitWindow)) == 1
