"""Secret fields are never in a page again, whatever their name is."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue
from wtforms import FieldList, FormField, PasswordField, StringField
from wtforms import Form as PlainForm
from wtforms.widgets import PasswordInput

from app.application import Application
from app.sessions.guards import public
from app.users.models import User
from app.web.forms import Form
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page

SECRET = "s3cret"
PAGE = """<!doctype html><html lang="en"><title>Safe</title><body><main><h1>Safe</h1>
<form method="post">{{ form.hidden_tag() }}{% for field in form.shown_fields %}{{ field.label }}
{{ field }}{% endfor %}</form></main></body>"""


class KeyForm(PlainForm):
    digits = PasswordField()
    place = StringField()


class MaskedField(StringField):
    widget = PasswordInput(hide_value=False)


class SafeForm(Form):
    """A form with an argument that only its view has."""

    name = StringField("Name of the safe")
    pin = PasswordField("PIN")
    masked = MaskedField()
    shown_as_one = StringField(widget=PasswordInput(hide_value=False))
    typed_as_one = StringField(render_kw={"type": "password"})
    sent_code = StringField(render_kw={"autocomplete": "section-a one-time-code"})
    renamed = PasswordField(name="other")
    pins = FieldList(PasswordField(), min_entries=1)
    keys = FieldList(FormField(KeyForm), min_entries=1)

    def __init__(self, owner: str, **credentials: Any) -> None:
        super().__init__(**credentials)
        self.name.description = owner


NAMES = "pin masked shown_as_one typed_as_one sent_code other pins-0 keys-0-digits"
SECRETS = dict.fromkeys([*NAMES.split(), "in_no_form", "prefix-pin"], SECRET)
TYPED = {"name": "Grandmother's", "keys-0-place": "under the mat"}


@pytest.fixture
def safe(make_app: Callable[..., Application]) -> Application:
    views = Blueprint("views", __name__)

    @views.route("/safe", methods=["GET", "POST"])
    def safe() -> ResponseReturnValue:
        form = SafeForm("Alice")
        return render_template_string(PAGE, form=form), 422 if form.is_submitted() else 200

    @views.post("/open")
    @public
    def open_safe() -> str:
        raise AssertionError("a valid token was sent")

    return make_app(views)


def assert_kept(html: str) -> None:
    page = Page(html)
    assert SECRET not in html
    kept = {field.get("name"): field.get("value") for field in page.all("input")}
    assert TYPED.items() <= kept.items()


def test_a_rejected_form_is_shown_again_without_secrets(safe: Application, alice: User) -> None:
    client = signed_in(safe, alice)
    fields = {"csrf_token": client.csrf_token("/safe"), **TYPED, **SECRETS}
    assert_kept(client.post("/safe", data=fields).text)


def test_a_form_with_an_expired_token_is_shown_again_without_secrets(
    safe: Application, alice: User
) -> None:
    client = signed_in(safe, alice)
    assert_kept(client.post("/safe", data={"csrf_token": "gone", **TYPED, **SECRETS}).text)


def test_a_button_with_an_expired_token_is_shown_again_without_secrets(safe: Application) -> None:
    fields = {"csrf_token": "gone", **TYPED, **SECRETS}
    response = visitor(safe).post("/open", data=fields)
    assert response.status_code == 422
    assert_kept(response.text)


def test_a_form_saved_during_a_sign_in_has_no_secrets(
    safe: Application, alice: User, clock: Clock
) -> None:
    client = signed_in(safe, alice)
    fields = {"csrf_token": client.csrf_token("/safe"), **TYPED, **SECRETS}
    clock.forward(hours=2)
    sign_in_page = client.post("/safe", data=fields)
    assert SECRET not in sign_in_page.text
    credentials = {"email": alice.email, "password": PASSWORD}
    response = client.post(
        "/login", data=Page(sign_in_page.text).fields_for("/login") | credentials
    )
    assert response.status_code == 200
    assert_kept(response.text)
    assert "Name of the safe" in Page(response.text).text
