"""Signing out, so that one is really out."""

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.application import Application
from app.database import db
from app.sessions.models import LoginSession
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in, visitor

COOKIES = ["session", "remember_token"]


@pytest.fixture
def remembered(client: Client, alice: User) -> Client:
    """Alice's browser, in which she asked to be remembered."""
    client.submit("/login", email="alice@example.com", password=PASSWORD, remember="y")
    assert is_signed_in(client)
    return client


def sign_out(client: Client) -> TestResponse:
    return client.post("/logout", data={"csrf_token": client.csrf_token("/")})


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def copy_of(client: Client, *names: str) -> Client:
    """Return another browser into which somebody copied these cookies."""
    copy = visitor(client.application)
    for name in names:
        cookie = client.get_cookie(name)
        assert cookie is not None
        copy.set_cookie(name, cookie.value)
    return copy


def test_alice_signs_out(as_alice: Client) -> None:
    response = sign_out(as_alice)
    assert (response.status_code, response.location) == (303, "/login")
    assert not is_signed_in(as_alice)
    assert "You have signed out." in as_alice.page("/login").text
    assert "You have signed out." not in as_alice.page("/login").text


def test_a_link_cannot_sign_alice_out(as_alice: Client) -> None:
    assert as_alice.get("/logout").status_code == 405
    assert as_alice.head("/logout").status_code == 405
    assert as_alice.post("/logout").status_code == 400
    assert is_signed_in(as_alice)


def test_signing_out_deletes_the_login(as_alice: Client) -> None:
    sign_out(as_alice)
    with as_alice.application.app_context():
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_both_cookies_are_cleared(remembered: Client) -> None:
    response = sign_out(remembered)
    assert remembered.get_cookie("remember_token") is None
    with remembered.session_transaction() as cookie:
        assert "_user_id" not in cookie
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("kept", [COOKIES, ["session"], ["remember_token"]], ids="+".join)
def test_a_copy_of_the_cookies_is_anonymous_afterwards(
    remembered: Client, kept: list[str]
) -> None:
    copy, control = copy_of(remembered, *kept), copy_of(remembered, *kept)
    assert is_signed_in(control)
    sign_out(remembered)
    assert not is_signed_in(copy)


def test_signing_out_ends_a_remembered_login(remembered: Client) -> None:
    sign_out(remembered)
    assert not is_signed_in(remembered)
    remembered.delete_cookie("session")
    assert not is_signed_in(remembered)


def test_the_back_button_shows_no_private_page(as_alice: Client) -> None:
    assert as_alice.get("/account").headers["Cache-Control"] == "no-store"


def test_the_theme_stays_in_the_browser(as_alice: Client) -> None:
    as_alice.submit("/preferences", theme="dark")
    sign_out(as_alice)
    assert as_alice.page("/login").one("html").get("data-bs-theme") == "dark"


def test_signing_out_ends_this_login_and_no_other(
    as_alice: Client, app: Application, alice: User
) -> None:
    elsewhere = signed_in(app, alice)
    sign_out(as_alice)
    assert is_signed_in(elsewhere)


def test_signing_out_twice_is_harmless(as_alice: Client) -> None:
    assert sign_out(as_alice).status_code == 303
    token = as_alice.csrf_token("/login")
    assert as_alice.post("/logout", data={"csrf_token": token}).status_code == 303
