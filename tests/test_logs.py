"""What an operator reads: one line for each request, one for each thing that happened."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Response, current_app

from app.application import Application
from app.clock import now
from app.sessions.guards import public
from tests.client import Client
from tests.conftest import visitor

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


@views.get("/broken")
@public
def broken() -> Response:
    raise RuntimeError("the shelf fell down")


class Site:
    """A site that is made when its test has begun, and so logs to where the test reads."""

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
    assert (line["method"], line["path"], line["status"]) == ("GET", "/told", 200)
    assert 0 <= line["ms"] < 5000


def test_no_two_requests_have_one_id(site: Site) -> None:
    browser = site.browser()
    ids = {browser.get(path).headers["X-Request-ID"] for path in ["/told", "/told", "/nowhere"]}
    assert len(ids) == 3


def test_a_mailed_link_never_leaves_its_token_in_the_log(site: Site) -> None:
    site.browser().get("/confirm/0123456789abcdef")
    logged = site.logged
    assert "0123456789abcdef" not in logged
    assert json.loads(logged)["path"] == "/confirm/…"


def test_a_message_stays_on_its_line_whatever_is_in_it(site: Site) -> None:
    request_id = site.browser().get("/told").headers["X-Request-ID"]
    line, access = site.lines
    assert (line["event"], line["who"]) == ("first\nsecond", "Alice\nBob")
    assert (line["level"], line["request_id"]) == ("warning", request_id)
    assert access["request_id"] == request_id


def test_an_exception_is_told_whole_to_the_operator_and_not_to_the_visitor(site: Site) -> None:
    response = site.browser().get("/broken")
    error, access = site.lines
    assert "the shelf fell down" not in response.text
    assert "RuntimeError: the shelf fell down" in error["exception"]
    assert error["request_id"] in response.text
    assert (access["path"], access["status"]) == ("/broken", 500)


def test_what_happens_outside_a_request_has_no_request_id(site: Site) -> None:
    site.browser()
    logging.getLogger("app.somewhere").info("done")
    [line] = site.lines
    assert line["event"] == "done"
    assert "request_id" not in line


def test_how_much_is_told_can_be_set(site: Site) -> None:
    site.browser(LOG_LEVEL="WARNING").get("/told")
    assert [line["event"] for line in site.lines] == ["first\nsecond"]


def test_development_reads_lines_and_not_json(site: Site) -> None:
    site.browser(DEBUG=True).get("/confirm/abc")
    assert re.fullmatch(r"info: request GET /confirm/… 410 \d+\.\d\n", site.logged)
