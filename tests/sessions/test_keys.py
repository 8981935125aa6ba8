"""S7: changing the secret key signs no user out."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, SETTINGS, Clock, visitor
from tests.page import Page
from tests.stores import with_signed_cookies

MakeApp = Callable[..., Application]
NEW = "a new key for the tests, fedcba9876543210"
NEWEST = "the newest key for tests, 0f1e2d3c4b5a6978"


@pytest.fixture
def alices(make_app: MakeApp, alice: User) -> Client:
    """Alice's browser, signed in and remembered by an app with the first key."""
    client = visitor(with_signed_cookies(make_app()))
    client.sign_in(alice.email, remember=True)
    return client


@pytest.fixture
def rotated(make_app: MakeApp) -> Application:
    former = (SETTINGS["SECRET_KEY"],)
    return with_signed_cookies(make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=former))


@pytest.fixture
def forgotten(make_app: MakeApp) -> Application:
    return with_signed_cookies(make_app(SECRET_KEY=NEW))


def moved(client: Client, application: Application, *names: str) -> Client:
    """Return a client with the same cookies, of an app with other keys."""
    there = visitor(application)
    for name in names or ("session", "remember_token"):
        cookie = client.get_cookie(name)
        assert cookie is not None
        there.set_cookie(name, cookie.value)
    return there


@pytest.mark.parametrize("cookie", ["session", "remember_token"])
def test_s7_with_the_previous_key_as_fallback_users_stay_signed_in(
    alices: Client, rotated: Application, cookie: str
) -> None:
    assert "alice@example.com" in moved(alices, rotated, cookie).page("/account").text


def test_s7_with_the_previous_key_as_fallback_an_open_form_can_be_submitted(
    alices: Client, rotated: Application
) -> None:
    token = alices.csrf_token("/account")
    fields = {"csrf_token": token, "display_name": "Alice"}
    assert moved(alices, rotated).post("/account", data=fields).status_code == 303


def test_s7_with_the_previous_key_as_fallback_a_saved_form_is_restored(
    alices: Client, rotated: Application, clock: Clock
) -> None:
    token = alices.csrf_token("/account")
    clock.forward(days=14)
    fields = {"csrf_token": token, "display_name": "Typed before"}
    sign_in_page = Page(alices.post("/account", data=fields).text)
    filled = sign_in_page.fields_for("/login") | {
        "email": "alice@example.com",
        "password": PASSWORD,
    }
    response = moved(alices, rotated, "session").post("/login", data=filled)
    assert "Typed before" in Page(response.text).text


def test_s7_new_signatures_need_only_the_new_key(
    alices: Client, rotated: Application, forgotten: Application
) -> None:
    there = moved(alices, rotated, "session")
    there.submit("/preferences", theme="dark")
    assert moved(there, forgotten, "session").get("/account").status_code == 200


def test_s7_several_previous_keys_are_accepted(alices: Client, make_app: MakeApp) -> None:
    former = (NEW, SETTINGS["SECRET_KEY"])
    application = with_signed_cookies(make_app(SECRET_KEY=NEWEST, SECRET_KEY_FALLBACKS=former))
    assert moved(alices, application, "session").get("/account").status_code == 200


def test_s7_without_the_previous_key_its_signatures_are_invalid(
    alices: Client, forgotten: Application
) -> None:
    token = alices.csrf_token("/account")
    there = moved(alices, forgotten, "session")
    assert there.get("/account").location == "/login?next=/account"
    assert there.post("/account", data={"csrf_token": token}).status_code == 401


def test_s7_a_remember_cookie_is_a_random_token_that_no_key_signs(
    alices: Client, forgotten: Application
) -> None:
    assert moved(alices, forgotten, "remember_token").get("/account").status_code == 200
