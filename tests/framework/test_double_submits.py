"""A9: sending a form twice has the same effect as sending it once.

Alice sends each form once. Bob sends it twice, at the same moment and from the same page. The
database must then have as many rows of one as of the other.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in, visitor
from tests.simultaneous_requests import copy, count_rows, send_at_once

NEW_PASSWORD = "seven quiet otters juggle"

Outbox = Callable[[], list[Message]]


class Person:
    """A user with a signed-in browser, and one that is not signed in."""

    def __init__(self, app: Application, user: User, outbox: Outbox) -> None:
        self.app, self.user, self.outbox = app, user, outbox
        self.visitor, self.browser = visitor(app), signed_in(app, user)
        self.name = user.email.partition("@")[0]

    def link(self, address: str) -> str:
        text = [mail.text for mail in self.outbox() if mail.recipient == address][-1]
        return urlsplit(re.findall(r"https?://\S+", text)[0]).path

    def sign_in_on_another_device(self) -> str:
        """Sign in on another device; return the path that ends that login session."""
        signed_in(self.app, self.user)
        forms = [form.get("action") for form in self.browser.page("/devices").all("form")]
        return [path for path in forms if path.endswith("/end")][-1]

    def request_registration(self) -> str:
        address = f"{self.name}@new.example"
        self.visitor.submit("/register", email=address)
        return self.link(address)

    def request_email_change(self) -> str:
        self.browser.submit("/account/email", email=f"{self.name}@new.example")
        return self.link(f"{self.name}@new.example")

    def request_change_and_get_keep_link(self) -> str:
        self.browser.submit("/account/email", email=f"{self.name}@new.example")
        return self.link(self.user.email)

    def request_reset(self) -> str:
        self.visitor.submit("/reset", email=self.user.email)
        return self.link(self.user.email)


# The browser, the page (or a function that prepares it and returns its path), and the fields.
Form = tuple[str, str | Callable[[Person], str], dict[str, str]]
FORMS: dict[str, Form] = {
    "sign in": ("visitor", "/login", {"email": "{name}@example.com", "password": PASSWORD}),
    "register": ("visitor", "/register", {"email": "{name}@new.example"}),
    "choose a password": ("visitor", Person.request_registration, {"password": NEW_PASSWORD}),
    "confirm an address": ("visitor", Person.request_email_change, {}),
    "keep an address": ("visitor", Person.request_change_and_get_keep_link, {}),
    "reset": ("visitor", "/reset", {"email": "{name}@example.com"}),
    "set a password": ("visitor", Person.request_reset, {"password": NEW_PASSWORD}),
    "prove": ("browser", "/prove", {"password": PASSWORD}),
    "name": ("browser", "/account", {"display_name": "Alice"}),
    "password": (
        "browser",
        "/account/password",
        {"current_password": PASSWORD, "password": NEW_PASSWORD},
    ),
    "address": ("browser", "/account/email", {"email": "{name}@new.example"}),
    "export": ("browser", "/account/export", {}),  # part: export
    "delete": ("browser", "/account/delete", {}),
    "preferences": ("browser", "/preferences", {"theme": "dark"}),
    "stay": ("browser", "/stay", {}),
    "end a device": ("browser", Person.sign_in_on_another_device, {}),
    "end other devices": (
        "browser",
        lambda bob: bob.sign_in_on_another_device() and "/devices/end-others",
        {},
    ),
    "sign out": ("browser", lambda bob: "/logout", {}),
}


@pytest.mark.parametrize("name", FORMS)
def test_a9_a_form_sent_twice_has_the_effect_of_one(
    name: str, app: Application, alice: User, bob: User, outbox: Outbox
) -> None:
    once = effects_of(app, Person(app, alice, outbox), FORMS[name], times=1)
    twice = effects_of(app, Person(app, bob, outbox), FORMS[name], times=2)
    assert twice == once


def effects_of(app: Application, person: Person, form: Form, *, times: int) -> dict[str, int]:
    """Send a form `times` times at once; return the change in the row count of each table."""
    sender, target, fields = form
    browser: Client = getattr(person, sender)
    path = target if isinstance(target, str) else target(person)
    page = browser.page(path if browser.get(path).status_code == 200 else "/devices")
    filled = page.fields_for(path) | {
        field: typed.format(name=person.name) for field, typed in fields.items()
    }
    before = count_rows(app)
    send_at_once([copy(browser) for _ in range(times)], path, filled)
    return {table: count - before[table] for table, count in count_rows(app).items()}
