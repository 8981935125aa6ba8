"""S8: the names and attributes of the cookies, and when they are sent."""

from collections.abc import Callable

import pytest
from flask import Blueprint
from flask import session as cookie
from werkzeug.test import TestResponse

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import visitor

MakeApp = Callable[..., Application]
LOCKED = {"HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.fixture
def over_https(make_app: MakeApp, alice: User) -> Client:
    """A client of an HTTPS site, which sends a Referer header as browsers do."""
    client = visitor(make_app(PREFERRED_URL_SCHEME="https"))
    client.environ_base["HTTP_REFERER"] = "https://localhost/login"
    return client


def sent(response: TestResponse) -> dict[str, set[str]]:
    """Return the attributes of each cookie that the response sets, by name."""
    cookies = {}
    for line in response.headers.getlist("Set-Cookie"):
        first, *attributes = line.split("; ")
        cookies[first.partition("=")[0]] = set(attributes)
    return cookies


def test_s8_over_https_both_cookies_are_secure_and_named_host(over_https: Client) -> None:
    cookies = sent(over_https.sign_in("alice@example.com", remember=True))
    assert cookies.keys() == {"__Host-session", "__Host-remember_token", "__Host-known_device"}
    for attributes in cookies.values():
        assert attributes >= LOCKED | {"Secure"}
        assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert over_https.get("/account").status_code == 200


def test_s8_over_http_they_have_plain_names_so_that_development_works(
    client: Client, alice: User
) -> None:
    cookies = sent(client.sign_in("alice@example.com", remember=True))
    assert cookies.keys() == {"session", "remember_token", "known_device"}
    for attributes in cookies.values():
        assert attributes >= LOCKED
        assert "Secure" not in attributes


def test_s8_signing_out_deletes_the_remember_cookie_with_its_attributes(
    over_https: Client,
) -> None:
    over_https.sign_in("alice@example.com", remember=True)
    token = over_https.csrf_token("/account")
    cookies = sent(over_https.post("/logout", data={"csrf_token": token}))
    assert cookies["__Host-remember_token"] >= LOCKED | {"Secure", "Max-Age=0"}


def test_s8_an_emptied_session_is_deleted_with_the_same_attributes(
    make_app: MakeApp, alice: User
) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/forget", view_func=lambda: [cookie.clear()], endpoint="forget")
    client = visitor(make_app(views, PREFERRED_URL_SCHEME="https"))
    client.environ_base["HTTP_REFERER"] = "https://localhost/login"
    client.sign_in("alice@example.com", remember=True)
    deleted = sent(client.get("/forget"))["__Host-session"]
    assert deleted >= LOCKED | {"Secure", "Max-Age=0"}


def test_s8_a_cookie_without_prefix_is_ignored_over_https(
    over_https: Client, client: Client, alice: User
) -> None:
    """An attacker on the network can set a cookie over HTTP, but not one named `__Host-`."""
    client.sign_in("alice@example.com", remember=True)
    for name in ("session", "remember_token"):
        planted = client.get_cookie(name)
        assert planted is not None
        over_https.set_cookie(name, planted.value)
    assert over_https.get("/account").status_code == 303


def test_s8_over_https_a_form_from_another_site_is_refused(over_https: Client) -> None:
    over_https.sign_in("alice@example.com", remember=True)
    token = over_https.csrf_token("/account")
    over_https.environ_base["HTTP_REFERER"] = "https://evil.example/"
    response = over_https.post("/account", data={"csrf_token": token, "display_name": "x"})
    assert response.status_code == 400


def test_s8_every_page_allows_the_referer_header_within_the_site(over_https: Client) -> None:
    """Without this header some browsers omit the Referer that CSRF protection needs over HTTPS."""
    for path in ("/", "/login", "/preferences"):
        assert over_https.get(path).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/static/app.css", "/nowhere", "/account"])
def test_s8_a_page_that_reads_no_session_sets_no_cookie_and_has_no_vary_header(
    client: Client, path: str
) -> None:
    response = client.get(path, buffered=True)
    assert response.headers.getlist("Set-Cookie") == []
    assert "Cookie" not in response.vary


def test_s8_a_page_that_reads_the_session_has_a_vary_header(as_alice: Client) -> None:
    assert "Cookie" in as_alice.get("/").vary


def test_s8_the_cookie_is_sent_again_only_when_it_has_changed(as_alice: Client) -> None:
    as_alice.get("/account")
    for path in ("/account", "/devices", "/"):
        assert sent(as_alice.get(path)) == {}
    token = as_alice.csrf_token("/account")
    response = as_alice.post("/account", data={"csrf_token": token, "display_name": "A"})
    assert sent(response).keys() == {"session"}, "the flash"


def test_s8_a_login_is_in_a_cookie_that_ends_with_the_browser(client: Client, alice: User) -> None:
    client.submit("/preferences", theme="dark")
    choice = client.get_cookie("session")
    assert choice is not None
    assert choice.expires is not None, "what a visitor chose is kept"
    client.sign_in("alice@example.com", remember=True)
    login = client.get_cookie("session")
    assert login is not None
    assert login.expires is None


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_flash_message_is_kept_by_a_request_that_shows_no_page(
    client: Client, alice: User, method: str
) -> None:
    client.sign_in("alice@example.com", remember=True)
    token = client.csrf_token("/account")
    client.post("/account", data={"csrf_token": token, "display_name": "A"})
    response = client.open("/account", method=method)
    assert (response.status_code, sent(response)) == (200, {})
    assert "saved" in client.page("/account").text
    assert "saved" not in client.page("/account").text


def test_a_head_request_does_not_rotate_the_remember_cookie(client: Client, alice: User) -> None:
    client.sign_in("alice@example.com", remember=True)
    client.delete_cookie("session")
    assert sent(client.head("/account")) == {}
    assert client.get("/account").status_code == 200
