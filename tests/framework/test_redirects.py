"""A redirect target that a client sends never leads to another site."""

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask

from app.application import Application
from app.users.models import User
from app.web.redirects import MAX_PATH_LENGTH, current_path, local_path
from tests.client import Client
from tests.conftest import PASSWORD, visitor

LEAD_AWAY = {
    "another site": "https://evil.example/",
    "the same, in capitals": "HTTPS://evil.example/",
    "no scheme": "//evil.example",
    "three slashes": "///evil.example",
    "four slashes": "////evil.example",
    "a scheme without slashes": "https:evil.example",
    "a scheme with one slash": "https:/evil.example",
    "a scheme with three": "https:///evil.example",
    "a script": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "a backslash for the second slash": "/\\evil.example",
    "a backslash for the first": "\\/evil.example",
    "two backslashes": "\\\\evil.example",
    "a backslash further on": "/a\\b",
    "a tab that browsers drop": "/\t/evil.example",
    "a line break that browsers drop": "/\n/evil.example",
    "a header of its own": "/\r\nLocation: https://evil.example",
    "a NUL": "/\x00/evil.example",
    "a delete": "/\x7f/evil.example",
    "a C1 control": "/\x85/evil.example",
    "a space before it": " //evil.example",
    "a tab before it": "\t//evil.example",
    "an encoded slash": "/%2fevil.example",
    "two encoded slashes": "%2f%2fevil.example",
    "an encoded backslash": "/%5cevil.example",
    "an encoded tab": "/%09/evil.example",
    "an encoded NUL": "/%00",
    "encoded twice": "/%252fevil.example",
    "encoded three times": "/%25252fevil.example",
    "other letters than ASCII, which we encode": "/страница/ü",
    "the same in a query": "/notes?text=ü",
    "a percent sign, encoded three times": "/100%252525",
    "encoded nine times": "/%" + "25" * 8 + "2fevil.example",
    "a fullwidth slash": "/\uff0fevil.example",
    "a fullwidth slash, encoded": "/%ef%bc%8fevil.example",
    "a fullwidth backslash": "/\uff3cevil.example",
    "a dot, then two slashes": "/.//evil.example",
    "a way up, then two slashes": "/a/..//evil.example",
    "two slashes further on": "/a//evil.example",
    "a user before the host": "//alice@evil.example",
    "a host that is no address": "//[evil",
    "a relative path": "evil.example",
    "a query alone": "?next=/",
    "a fragment alone": "#main",
    "nothing": "",
    "nothing at all": None,
    "more than fits": "/" + "a" * MAX_PATH_LENGTH,
}
STAY_HERE = [
    "/",
    "/account",
    "/account/",
    "/notes?page=2&sort=new",
    "/notes?from=https://elsewhere.example//a",
    "/notes?text=a%5cb%2f%2fc",
    "/notes#last",
    "/notes/7?edit=1#text",
    "/notes/a%20b",
    "/notes/100%25",
    "/people/@alice:1",
    "/%D1%81%D1%82%D1%80/%C3%BC",
    "/a%2520b",
    "/" + "a" * (MAX_PATH_LENGTH - 1),
]


@pytest.mark.parametrize("target", LEAD_AWAY.values(), ids=LEAD_AWAY.keys())
def test_a_target_on_another_site_is_rejected(target: str | None) -> None:
    assert local_path(target) is None


@pytest.mark.parametrize("target", STAY_HERE, ids=lambda target: target[:40])
def test_a_path_of_this_site_is_unchanged(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "url",
    ["/notes", "/a%20b?page=2", "/100%25", "/a%3Fb?c=d?", "/a?q=%5C%2F&r=a+b", "/ü?x=ü"],
)
def test_the_current_path_leads_back_to_its_page(url: str) -> None:
    app = Flask(__name__)
    with app.test_request_context(url) as context:
        back = current_path()
        assert local_path(back) == back
        with app.test_request_context(back) as again:
            assert again.request.path == context.request.path
            assert again.request.args == context.request.args


def test_the_current_path_can_contain_invalid_utf_8() -> None:
    environ = {"QUERY_STRING": "x=\xff"}
    with Flask(__name__).test_request_context("/a", environ_overrides=environ):
        assert current_path() == "/a?x=%FF"


def test_the_current_path_includes_the_url_prefix_of_the_site() -> None:
    environ = {"SCRIPT_NAME": "/site"}
    with Flask(__name__).test_request_context("/a", environ_overrides=environ):
        assert current_path() == "/site/a"


def test_the_sign_in_form_does_not_redirect_to_another_site(client: Client, alice: User) -> None:
    page = "/login?next=///evil.example"
    response = client.submit(page, email="alice@example.com", password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/account")


def test_signing_in_returns_to_a_page_with_spaces_in_its_url(
    make_app: Callable[..., Application], alice: User
) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/notes/<name>", view_func=lambda name: name, endpoint="note")
    client = visitor(make_app(views))
    door = client.get("/notes/shopping%20list?page=2").location
    response = client.submit(door, email="alice@example.com", password=PASSWORD)
    assert response.location == "/notes/shopping%20list?page=2"
