"""The preferences page and the theme switch."""

from datetime import timedelta

import pytest
from flask import json

from app.application import Application
from app.clock import now
from app.database import db
from app.preferences.models import Preferences
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in


def theme_of(client: Client, path: str = "/") -> str:
    return client.page(path).one("html").get("data-bs-theme")


def stored_for(app: Application, user: User) -> dict[str, str]:
    with app.app_context():
        row = db.session.get(Preferences, user.id)
        return row.chosen() if row else {}


def test_the_choice_of_a_visitor_is_kept_in_the_browser(client: Client, clock: Clock) -> None:
    assert theme_of(client) == "system"
    response = client.submit("/preferences", theme="dark")
    assert (response.status_code, response.location) == (303, "/preferences")
    assert "Your changes have been saved." in client.page("/preferences").text
    clock.forward(days=364)
    assert theme_of(client) == "dark"


def test_the_choice_of_a_visitor_expires(client: Client) -> None:
    """The value has its own expiry, because a browser may keep the cookie for longer."""
    client.submit("/preferences", theme="dark")
    with client.session_transaction() as cookie:
        _, end = cookie["theme"]
        assert abs(end - (now() + timedelta(days=365)).timestamp()) < 60
        cookie["theme"] = ["dark", int(now().timestamp()) - 1]
    assert theme_of(client) == "system"


def test_the_choice_of_a_user_is_stored_in_the_row_and_applies_everywhere(
    as_alice: Client, app: Application, alice: User
) -> None:
    as_alice.submit("/preferences", theme="dark")
    assert theme_of(as_alice) == "dark"
    assert stored_for(app, alice)["theme"] == "dark"
    assert theme_of(signed_in(app, alice)) == "dark"


def test_a_choice_on_one_device_reaches_the_other_within_a_minute(
    as_alice: Client, app: Application, alice: User, clock: Clock
) -> None:
    phone = signed_in(app, alice)
    assert theme_of(phone) == "system"
    as_alice.submit("/preferences", theme="dark")
    clock.forward(seconds=61)
    assert theme_of(phone) == "dark"


def test_the_choice_of_one_user_does_not_affect_another(as_alice: Client, as_bob: Client) -> None:
    as_alice.submit("/preferences", theme="dark")
    assert theme_of(as_bob) == "system"


def test_the_choice_of_a_visitor_is_merged_at_sign_in(
    client: Client, app: Application, alice: User
) -> None:
    client.submit("/preferences", theme="dark")
    client.sign_in("alice@example.com")
    assert theme_of(client) == "dark"
    assert stored_for(app, alice)["theme"] == "dark"


def test_the_choice_of_the_user_overrides_that_of_the_visitor(
    client: Client, as_alice: Client, alice: User
) -> None:
    as_alice.submit("/preferences", theme="light")
    client.submit("/preferences", theme="dark")
    client.sign_in("alice@example.com")
    assert theme_of(client) == "light"


@pytest.mark.parametrize(
    "kept", ["dark", ["pink", 2**40], [["dark"], 2**40], [None, 2**40], ["dark"], {}, 7, None]
)
def test_an_invalid_value_becomes_the_default(client: Client, kept: object) -> None:
    with client.session_transaction() as cookie:
        cookie["theme"] = kept
    assert theme_of(client) == "system"


def test_an_unsigned_cookie_is_ignored(client: Client) -> None:
    client.set_cookie("session", json.dumps({"theme": ["dark", 2**40]}))
    assert theme_of(client) == "system"


@pytest.mark.parametrize("theme", ["pink", "", "dark; DROP TABLE users"])
def test_an_unknown_choice_is_rejected(as_alice: Client, theme: str) -> None:
    as_alice.submit("/preferences", theme="dark")
    response = as_alice.submit("/preferences", theme=theme)
    assert response.status_code == 422
    assert theme_of(as_alice) == "dark"


def test_the_theme_switch_returns_to_the_page(as_alice: Client) -> None:
    page = as_alice.page("/account?tab=name")
    switches = [form for form in page.all("form") if form.get("class") == "theme-switch"]
    assert len(switches) == 1
    fields = {"csrf_token": as_alice.csrf_token("/account"), "next": "/account?tab=name"}
    response = as_alice.post("/preferences", data=fields | {"theme": "dark"})
    assert response.location == "/account?tab=name"
    assert theme_of(as_alice, "/account?tab=name") == "dark"


def test_the_theme_switch_does_not_redirect_to_another_site(as_alice: Client) -> None:
    fields = {"csrf_token": as_alice.csrf_token("/account"), "next": "///evil.example"}
    response = as_alice.post("/preferences", data=fields | {"theme": "dark"})
    assert response.location == "/preferences"


def test_the_theme_is_in_the_html_and_needs_no_javascript(as_alice: Client) -> None:
    as_alice.submit("/preferences", theme="dark")
    page = as_alice.page("/")
    assert page.one("meta", name="color-scheme").get("content") == "dark"
    assert page.one("html").get("data-bs-theme") == "dark"


def test_the_form_shows_the_current_choice(as_alice: Client) -> None:
    as_alice.submit("/preferences", theme="dark")
    page = as_alice.page("/preferences")
    chosen = [field.get("value") for field in page.all("input") if "checked" in field.attributes]
    assert chosen == ["dark"]
