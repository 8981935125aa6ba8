"""All forms: required fields, length limits and JSON bodies."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Response
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField, IntegerField, PasswordField, StringField
from wtforms.validators import Length

from app.application import Application
from app.sessions.guards import public
from app.web.forms import MAX_NUMBER_LENGTH, MAX_TEXT_LENGTH, Form, Required
from tests.client import Client
from tests.conftest import visitor

reached: list[str] = []


def note(text: str | None) -> str | None:
    reached.append(text or "")
    return text


class InnerForm(Form):
    class Meta(Form.Meta):
        csrf = False

    text = StringField("Text", [Length(max=10)], filters=[note])


class SampleForm(Form):
    class Meta(Form.Meta):
        csrf = False

    name = StringField("Name", [Required("Say a name.")], filters=[note])
    story = StringField("Story", [Length(max=5, message="%(max)d letters at most.")])
    secret = PasswordField("Secret", [Length(max=10)])
    number = IntegerField("Number")
    tags = FieldList(StringField("Tag", [Length(max=4)], filters=[note]))
    inner = FormField(InnerForm)

    def filter_story(self, text: str | None) -> str | None:
        return note(text)

    def validate_story(self, field: StringField) -> None:
        note(field.data)


@pytest.fixture
def fill_in(app: Application) -> Callable[..., SampleForm]:
    def fill(**sent: str) -> SampleForm:
        reached.clear()
        fields = {name.replace("__", "-"): text for name, text in sent.items()}
        with app.test_request_context(method="POST"):
            form = SampleForm(MultiDict({"name": "Alice"} | fields))
            form.is_valid = form.validate()  # type: ignore[attr-defined]  # kept for the assertion
        return form

    return fill


@pytest.mark.parametrize("blank", ["", " ", "\t\r\n", "\u00a0\u2003"])
def test_a_required_field_cannot_be_blank(fill_in: Callable[..., Any], blank: str) -> None:
    assert fill_in(name=blank).errors == {"name": ["Say a name."]}


def test_text_within_the_limits_is_accepted(fill_in: Callable[..., Any]) -> None:
    sent = {"story": "abcde", "number": "7", "tags__0": "abcd", "inner__text": "a" * 10}
    form = fill_in(**sent, secret="a" * 10)
    assert form.is_valid
    assert (form.story.data, form.number.data, form.tags.data) == ("abcde", 7, ["abcd"])
    assert form.inner.text.data == "a" * 10


@pytest.mark.parametrize(
    ("name", "longest", "reason"),
    [
        ("name", MAX_TEXT_LENGTH, "Use at most 2000 characters."),
        ("story", 5, "5 letters at most."),
        ("secret", 10, "Use at most 10 characters."),
        ("number", MAX_NUMBER_LENGTH, "Use at most 40 characters."),
        ("tags__0", 4, "Use at most 4 characters."),
        ("inner__text", 10, "Use at most 10 characters."),
    ],
)
def test_too_long_text_reaches_no_filter_and_is_shown_again(
    fill_in: Callable[..., Any], name: str, longest: int, reason: str
) -> None:
    text = "1" * (longest + 1)
    form = fill_in(**{name: text})
    assert not form.is_valid
    assert text not in reached
    assert reason in str(form.errors)
    field = (
        form.tags[0] if name == "tags__0" else form.inner.text if "inner" in name else form[name]
    )
    assert field.raw_data == [text]
    assert (text in str(field())) is (name != "secret")


def test_alice_sees_her_too_long_name_again_with_the_error(as_alice: Client) -> None:
    name = "Alice " * 20
    response = as_alice.submit("/account", display_name=name)
    assert response.status_code == 422
    assert "Use at most 80 characters." in response.text
    assert name in response.text


def test_a_json_body_that_is_not_a_form_is_rejected(make_app: Callable[..., Application]) -> None:
    views = Blueprint("views", __name__)

    @views.post("/sample")
    @public
    def sample() -> Response:
        return Response(str(SampleForm().validate()), mimetype="text/plain")

    client = visitor(make_app(views, WTF_CSRF_ENABLED=False))
    for body in [[], 5, "text", {"name": {"a": 1}}, {"name": [["a"]]}, {"name": 5}, None]:
        assert client.post("/sample", json=body).status_code < 500, body
