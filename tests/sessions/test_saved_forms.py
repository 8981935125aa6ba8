"""S3: a form that is submitted after the login has ended is saved and restored."""

from base64 import b85encode
from collections.abc import Callable
from secrets import token_bytes

import pytest
from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms import PasswordField, StringField, TextAreaField

from app.application import Application
from app.crypto.signing import signer
from app.unit_of_work import commit_later
from app.users.models import User
from app.web.forms import Form
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in
from tests.page import Page

MakeApp = Callable[..., Application]
TYPED = MultiDict([("tag", "a"), ("tag", "b"), ("text", "<b>Grüße</b>\r\n & more"), ("empty", "")])


class WriteForm(Form):
    tag = StringField()
    text = TextAreaField()
    empty = StringField()
    essay = TextAreaField()
    old = PasswordField()
    new = PasswordField()


@pytest.fixture
def app_with_form(make_app: MakeApp) -> Application:
    views = Blueprint("views", __name__)

    @views.post("/write")
    def write() -> list[tuple[str, str]]:
        commit_later()
        return list(request.form.items(multi=True))

    return make_app(views)


@pytest.fixture
def late(app_with_form: Application, alice: User, clock: Clock) -> Client:
    """Alice's browser, signed in with the form and then idle for two hours."""
    client = app_with_form.test_client()
    assert isinstance(client, Client)
    client.sign_in(alice.email)
    client.get("/account")
    clock.forward(hours=2)
    return client


def submit_late(client: Client, **more: str) -> Page:
    """Submit the form that Alice had open, and return the page that asks for a sign-in."""
    with client.session_transaction() as cookie:
        assert "csrf_token" in cookie
    token = client.csrf_token("/preferences")
    response = client.post("/write?draft=1", data=TYPED | {"csrf_token": token, **more})
    assert response.status_code == 401
    return Page(response.text)


def sign_in_from(
    page: Page, client: Client, email: str = "alice@example.com", **more: str
) -> TestResponse:
    fields = page.fields_for("/login") | {"email": email, "password": PASSWORD, **more}
    return client.post("/login", data=fields)


def restored_fields(page: Page) -> list[tuple[str, str]]:
    form = page.one("form", action="/write?draft=1")
    return [
        (field.get("name"), field.get("value"))
        for field in page.all("input")
        if form in field.inside and field.get("name") != "csrf_token"
    ]


def test_s3_a_submitted_form_is_shown_again_after_signing_in(late: Client) -> None:
    sign_in_page = submit_late(late)
    assert "because you were inactive" in sign_in_page.text
    assert "We saved what you entered" in sign_in_page.text
    response = sign_in_from(sign_in_page, late)
    assert response.status_code == 200
    page = Page(response.text)
    assert "Grüße" in page.text
    kept = restored_fields(page)
    assert kept == list(TYPED.items(multi=True))
    [token] = {f.get("value") for f in page.all("input") if f.get("name") == "csrf_token"}
    restored = late.post("/write?draft=1", data=MultiDict([*kept, ("csrf_token", token)]))
    assert [tuple(field) for field in restored.json][:-1] == list(TYPED.items(multi=True))


def test_s3_a_wrong_password_keeps_the_saved_form(late: Client) -> None:
    response = sign_in_from(submit_late(late), late, password="wrong")
    assert response.status_code == 422
    assert restored_fields(Page(sign_in_from(Page(response.text), late).text))


def test_s3_passwords_are_not_saved(late: Client) -> None:
    sign_in_page = submit_late(late, old="secret one", new="secret two")
    response = sign_in_from(sign_in_page, late)
    assert "secret" not in response.text
    assert restored_fields(Page(response.text))


def test_s3_the_page_with_the_saved_form_is_not_cached(late: Client) -> None:
    token = late.csrf_token("/preferences")
    response = late.post("/write", data={"csrf_token": token})
    assert response.headers["Cache-Control"] == "no-store"


def test_s3_a_long_text_is_saved(late: Client) -> None:
    text = "All work and no play makes Jack a dull boy. " * 5_000
    response = sign_in_from(submit_late(late, essay=text), late)
    assert ("essay", text) in restored_fields(Page(response.text))


def test_s3_the_page_says_if_a_text_is_too_long_to_be_saved(late: Client) -> None:
    noise = b85encode(token_bytes(370_000)).decode()
    token = late.csrf_token("/preferences")
    body = {"csrf_token": token, "essay": noise}
    sign_in_page = Page(
        late.post("/write?draft=1", data=body, content_type="multipart/form-data").text
    )
    assert "too long to be saved" in sign_in_page.text
    assert "We saved what you entered" not in sign_in_page.text
    assert sign_in_from(sign_in_page, late).status_code == 303


def test_s3_a_saved_form_of_alice_is_not_shown_to_bob(late: Client, bob: User) -> None:
    response = sign_in_from(submit_late(late), late, email=bob.email)
    assert (response.status_code, response.location) == (303, "/account")


def test_s3_a_saved_form_expires_after_a_day(late: Client, clock: Clock) -> None:
    sign_in_page = submit_late(late)
    clock.forward(days=1)
    assert sign_in_from(sign_in_page, late).status_code == 303


@pytest.mark.parametrize("change", ["x{}", "{}x", "{:.20}", "", "null"])
def test_s3_a_forged_saved_form_is_ignored(late: Client, change: str) -> None:
    sign_in_page = submit_late(late)
    kept = sign_in_page.fields_for("/login")["saved_form"]
    response = sign_in_from(sign_in_page, late, saved_form=change.format(kept))
    assert (response.status_code, response.location) == (303, "/account")


def test_s3_a_signature_for_another_purpose_is_invalid(
    late: Client, app_with_form: Application
) -> None:
    with app_with_form.app_context():
        forged = signer("something else").dumps(["/write", [], None, 2**40])
    assert sign_in_from(submit_late(late), late, saved_form=forged).status_code == 303


def test_s3_a_form_of_a_visitor_is_shown_to_the_user_who_signs_in(
    app_with_form: Application, bob: User
) -> None:
    client = app_with_form.test_client()
    assert isinstance(client, Client)
    response = sign_in_from(submit_as_visitor(client), client, email=bob.email)
    assert restored_fields(Page(response.text))


def submit_as_visitor(client: Client) -> Page:
    token = client.csrf_token("/login")
    return Page(client.post("/write?draft=1", data=TYPED | {"csrf_token": token}).text)


def test_s3_a_rejected_form_changes_nothing(app: Application, alice: User, clock: Clock) -> None:
    client = signed_in(app, alice)
    token = client.csrf_token("/account")
    clock.forward(hours=2)
    client.post("/account", data={"csrf_token": token, "display_name": "Late"})
    client.sign_in(alice.email)
    assert "Late" not in client.page("/account").html
