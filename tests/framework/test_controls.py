"""Form controls are rendered exactly as by WTForms."""

import pytest
from markupsafe import Markup
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as TheirForm
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length

from app.web.rendering.controls import is_plain_control, render_control
from tests.page import Page

CHECKS = [InputRequired(), Length(min=2, max=9)]
MALICIOUS = """"><script>alert('x')</script> & &amp; ä"""
KINDS = [StringField, EmailField, PasswordField, BooleanField, HiddenField, TextAreaField]
ARGUMENTS = [
    {},
    {"class": "form-control is-invalid", "aria_describedby": "hint", "aria_invalid": "true"},
    {"class_": "x", "aria_describedby": False, "autofocus": True, "data_a_b": MALICIOUS},
    {"id": False, "value": "mine", "title": Markup('say "&quot;hi"')},
]


def field_of(kind: type[Field], value: str | None = None, **about: object) -> Field:
    class Made(TheirForm):
        it = kind("It", CHECKS, **about)

    return Made(data={"it": value}).it


def parse(html: str) -> tuple[str, dict[str, str], str]:
    [element] = Page(html).elements
    return element.tag, element.attributes, element.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "arguments", ARGUMENTS, ids=["plain", "described", "spiteful", "overruled"]
)
@pytest.mark.parametrize("value", [None, "", "Alice", MALICIOUS])
def test_a_control_is_rendered_as_by_wtforms(
    kind: type[Field], arguments: dict[str, object], value: str | None
) -> None:
    field = field_of(
        kind, value, render_kw={"autocomplete": "name", "data_x": 1, "spellcheck": False}
    )
    assert is_plain_control(field)
    theirs = parse(DefaultMeta().render_field(field, dict(arguments)))
    assert parse(render_control(field, arguments)) == theirs


def test_an_unknown_control_is_rendered_by_wtforms() -> None:
    assert not is_plain_control(field_of(SelectField, choices=["a", "b"]))
