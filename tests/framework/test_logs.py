"""The log: one JSON line for each request and each event, without secrets."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.application import Application
from app.clock import now
from app.database import db
from app.sessions.guards import public
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in, visitor

views = Blueprint("views", __name__)


@views.get("/confirm/<token>")
@public
def confirm(token: str) -> Response:
    return Response("confirmed", mimetype="text/plain")


@views.get("/told")
@public
def told() -> Response:
    facts = {"facts": {"at": now(), "who": "Alice\nBob"}}
    current_app.logger.warning("first\nsecond", extra=facts)
    return Response("told", mimetype="text/plain")


@views.get("/leak")
@public
def leak() -> Response:
    with unit_of_work():
        try:
            db.session.add(User(email="alice@example.com"))
            db.session.flush()
        except IntegrityError as error:
            raise RuntimeError("alice@example.com is taken") from error
    return Response("never")


@views.get("/broken")
@public
def broken() -> Response:
    raise RuntimeError("the view failed")


@views.get("/leak-row")
@public
def leak_row() -> Response:
    with unit_of_work():
        try:
            values = {"name": "Al\nVery Private Name"}
            db.session.execute(text("INSERT INTO users (display_name) VALUES (:name)"), values)
        except IntegrityError as error:
            raise RuntimeError("that did not work") from error
    return Response("never")


class Site:
    """A site that is created within the test, so that capsys captures its log."""

    def __init__(
        self, make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.make_app = make_app
        self.capsys = capsys

    def browser(self, **settings: object) -> Client:
        return visitor(self.make_app(views, PROPAGATE_EXCEPTIONS=False, **settings))

    @property
    def logged(self) -> str:
        return self.capsys.readouterr().err

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logged.splitlines()]


@pytest.fixture
def site(make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str]) -> Site:
    return Site(make_app, capsys)


def test_each_request_is_one_line(site: Site) -> None:
    response = site.browser().get("/told?secret=1")
    line = site.lines[-1]
    assert re.fullmatch(r"[0-9a-f]{16}", response.headers["X-Request-ID"])
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/told", 200)
    assert 0 <= line["query_ms"] <= line["ms"] < 5000
    assert line["queries"] == 0


def test_each_request_has_its_own_id(site: Site) -> None:
    browser = site.browser()
    ids = {browser.get(path).headers["X-Request-ID"] for path in ["/told", "/told", "/nowhere"]}
    assert len(ids) == 3


def test_the_token_of_a_mailed_link_is_not_logged(site: Site) -> None:
    site.browser().get("/confirm/0123456789abcdef")
    logged = site.logged
    assert "0123456789abcdef" not in logged
    assert json.loads(logged)["route"] == "/confirm/<token>"


def test_a_mangled_link_leaves_no_token_in_the_log(site: Site) -> None:
    site.browser().get("/confirm/0123456789abcdef/>")
    assert site.lines[-1]["path"] == "/confirm/…"


def test_a_token_pasted_without_its_link_is_not_logged(site: Site) -> None:
    browser = site.browser()
    for path in ["/0123456789abcdef", "/0123456789abcdef/", "/x/0123456789abcdef", "/confirm/"]:
        browser.get(path)
    assert [line["path"] for line in site.lines] == ["/…", "/…", "/…", "/confirm/"]


def test_a_long_message_is_scrubbed_before_it_is_truncated(site: Site) -> None:
    site.browser()
    private = ", ".join(["alice@example.com"] * 10_000)
    logging.getLogger("app.somewhere").warning("%s", private)
    [line] = site.lines
    assert len(line["event"]) < 21_000
    assert line["event"].startswith("…, …")
    assert "alice" not in line["event"]


def test_a_message_with_line_breaks_is_one_line(site: Site) -> None:
    request_id = site.browser().get("/told").headers["X-Request-ID"]
    line, access = site.lines
    assert (line["event"], line["who"]) == ("first\nsecond", "Alice\nBob")
    assert (line["level"], line["request_id"]) == ("warning", request_id)
    assert access["request_id"] == request_id


def test_an_exception_is_logged_in_full_and_not_shown_to_the_visitor(site: Site) -> None:
    response = site.browser().get("/broken")
    error, access = site.lines
    assert "the view failed" not in response.text
    assert "RuntimeError: the view failed" in error["exception"]
    assert error["request_id"] in response.text
    assert (access["route"], access["status"]) == ("/broken", 500)


def test_a_line_logged_outside_a_request_has_no_request_id(site: Site) -> None:
    site.browser()
    logging.getLogger("app.somewhere").info("done")
    [line] = site.lines
    assert line["event"] == "done"
    assert "request_id" not in line


def test_the_log_level_is_a_setting(site: Site) -> None:
    site.browser(LOG_LEVEL="WARNING").get("/told")
    assert [line["event"] for line in site.lines] == ["first\nsecond"]


def test_development_logs_text_and_not_json(site: Site) -> None:
    site.browser(DEBUG=True).get("/confirm/abc")
    [line] = site.logged.splitlines()
    assert re.search(r"INFO +request .*method=GET .*route=/confirm/<token> status=410", line)
    assert "abc" not in line


def test_the_access_line_has_the_user_and_the_queries(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str], alice: User
) -> None:
    site = Site(make_app, capsys)
    client = signed_in(site.make_app(), alice)
    client.get("/preferences")
    client.get("/preferences")
    line = site.lines[-1]
    assert (line["user_id"], line["queries"]) == (alice.id, 1)
    assert line["query_ms"] > 0


def test_a_request_id_is_accepted_only_from_a_trusted_proxy(site: Site) -> None:
    trusted_id = {"X-Request-ID": "from-the-proxy-1"}
    assert site.browser().get("/told", headers=trusted_id).headers["X-Request-ID"] != trusted_id
    trusting = site.browser(TRUSTED_PROXIES="1")
    assert trusting.get("/told", headers=trusted_id).headers["X-Request-ID"] == "from-the-proxy-1"
    forged = {"X-Request-ID": "a b", "X-Forwarded-For": "192.0.2.1"}
    assert " " not in trusting.get("/told", headers=forged).headers["X-Request-ID"]


def test_no_line_contains_a_secret_or_an_email_address(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str], alice: User
) -> None:
    site = Site(make_app, capsys)
    app = site.make_app(views, PROPAGATE_EXCEPTIONS=False, LOG_LEVEL="DEBUG", TRUSTED_PROXIES="1")
    client = visitor(app)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "198.51.100.77"
    client.sign_in(alice.email, "wrong horse")
    client.sign_in(alice.email, remember=True)
    cookies = [cookie.value for cookie in client._cookies.values()]
    tokens = [client.csrf_token("/account"), *cookies]
    for path in ["/account?next=/secret-query", "/devices", f"/{alice.email}", "/leak"]:
        client.get(path)
    client.post("/account", data={"display_name": "x"})
    client.submit("/account", display_name="Very Private Name")
    client.sign_out()
    logged = site.logged
    assert len(tokens) >= 3
    assert len(logged.splitlines()) >= 10
    secret = [alice.email, "wrong horse", PASSWORD, "198.51.100.77", "127.0.0.1", "secret-query"]
    for hidden in [*secret, "Very Private Name", *tokens]:
        assert hidden not in logged


def test_a_refused_statement_is_logged_without_its_values(site: Site, alice: User) -> None:
    site.browser().get("/leak")
    error = site.lines[-2]
    assert "IntegrityError" in error["exception"]
    assert alice.email not in json.dumps(error)


def test_a_row_in_a_database_error_is_not_logged(site: Site) -> None:
    site.browser().get("/leak-row")
    error = site.lines[-2]
    assert "IntegrityError" in error["exception"]
    assert "that did not work" in error["exception"]
    assert "Very Private Name" not in error["exception"]
