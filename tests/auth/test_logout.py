"""Signing out ends the login, also for copies of its cookies."""

import pytest
from sqlalchemy import func, select

from app.application import Application
from app.database import db
from app.sessions.models import LoginSession
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in, visitor

COOKIES = ["session", "remember_token"]


@pytest.fixture
def remembered(client: Client, alice: User) -> Client:
    """Alice's browser, signed in with "Keep me signed in"."""
    client.sign_in("alice@example.com", remember=True)
    assert client.is_signed_in
    return client


def copy_of(client: Client, *names: str) -> Client:
    """Return another browser with a copy of these cookies."""
    copy = visitor(client.application)
    for name in names:
        cookie = client.get_cookie(name)
        assert cookie is not None
        copy.set_cookie(name, cookie.value)
    return copy


def test_alice_signs_out(as_alice: Client) -> None:
    response = as_alice.sign_out()
    assert (response.status_code, response.location) == (303, "/login")
    assert not as_alice.is_signed_in
    assert "You have signed out." in as_alice.page("/login").text
    assert "You have signed out." not in as_alice.page("/login").text


def test_a_link_cannot_sign_alice_out(as_alice: Client) -> None:
    assert as_alice.get("/logout").status_code == 405
    assert as_alice.head("/logout").status_code == 405
    assert as_alice.post("/logout").status_code == 400
    assert as_alice.is_signed_in


def test_signing_out_deletes_the_login(as_alice: Client) -> None:
    as_alice.sign_out()
    with as_alice.application.app_context():
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_both_cookies_are_cleared(remembered: Client) -> None:
    response = remembered.sign_out()
    assert remembered.get_cookie("remember_token") is None
    with remembered.session_transaction() as cookie:
        assert "_user_id" not in cookie
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("kept", [COOKIES, ["session"], ["remember_token"]], ids="+".join)
def test_a_copy_of_the_cookies_is_anonymous_afterwards(
    remembered: Client, kept: list[str]
) -> None:
    copy, control = copy_of(remembered, *kept), copy_of(remembered, *kept)
    assert control.is_signed_in
    remembered.sign_out()
    assert not copy.is_signed_in


def test_signing_out_ends_a_remembered_login(remembered: Client) -> None:
    remembered.sign_out()
    assert not remembered.is_signed_in
    remembered.delete_cookie("session")
    assert not remembered.is_signed_in


def test_the_back_button_shows_no_private_page(as_alice: Client) -> None:
    assert as_alice.get("/account").headers["Cache-Control"] == "no-store"


def test_the_theme_stays_in_the_browser(as_alice: Client) -> None:
    as_alice.submit("/preferences", theme="dark")
    as_alice.sign_out()
    assert as_alice.page("/login").one("html").get("data-bs-theme") == "dark"


def test_signing_out_ends_this_login_and_no_other(
    as_alice: Client, app: Application, alice: User
) -> None:
    elsewhere = signed_in(app, alice)
    as_alice.sign_out()
    assert elsewhere.is_signed_in


def test_signing_out_twice_is_harmless(as_alice: Client) -> None:
    assert as_alice.sign_out().status_code == 303
    token = as_alice.csrf_token("/login")
    assert as_alice.post("/logout", data={"csrf_token": token}).status_code == 303
