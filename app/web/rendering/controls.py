"""Render form controls as WTForms does, in a tenth of the time.

WTForms formats each attribute with `Markup.format`, about sixty calls each, and the sign-in page
has twenty attributes. tests/framework/test_controls.py compares the results.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from wtforms import widgets
from wtforms.widgets.core import clean_key  # type: ignore[attr-defined]  # newer than stubs

# Exactly these types: a subclass may render something else.
INPUTS = {
    widgets.TextInput,
    widgets.EmailInput,
    widgets.PasswordInput,
    widgets.CheckboxInput,
    widgets.HiddenInput,
}
html_name = lru_cache(maxsize=256)(clean_key)
is_plain = re.compile(r"[\w .:/-]*").fullmatch

# The stubs lack `_value()` and the `input_type` of a widget.
Field = Any


def is_plain_control(field: Field) -> bool:
    """Return whether render_control() can render the field. WTForms renders all others."""
    widget = type(field.widget)
    return (widget in INPUTS or widget is widgets.TextArea) and field._datalist is None


def render_control(field: Field, given: Mapping[str, Any]) -> Markup:
    """Return an <input> or <textarea>.

    `given` overrides the field's `render_kw`, which overrides the attributes of its validators.
    """
    attributes = attributes_of(field)
    attributes |= {html_name(name): value for name, value in (field.render_kw or {}).items()}
    attributes |= {html_name(name): value for name, value in given.items()}
    if type(field.widget) is widgets.TextArea:
        content = escape(field._value())
        text = f"<textarea{to_html(attributes)}>\r\n{content}</textarea>"
    else:
        if type(field.widget) is widgets.PasswordInput and field.widget.hide_value:
            attributes["value"] = ""
        text = f"<input{to_html(attributes)}>"
    return Markup(text)  # noqa: S704  # nosec B704  # escaped


def attributes_of(field: Field) -> dict[str, Any]:
    widget = field.widget
    attributes = {"name": field.name, "id": field.id}
    if type(widget) in INPUTS:
        attributes |= {"type": widget.input_type, "value": field._value()}
        if type(widget) is widgets.CheckboxInput and field.data:
            attributes["checked"] = True
    for name, value in vars(field.flags).items():
        if name in widget.validation_attrs:
            attributes[name] = value() if callable(value) else value
    return attributes


def to_html(attributes: Mapping[str, Any]) -> str:
    """Return attributes as HTML: True is the name alone, and False is left out."""
    return "".join(
        [
            f" {name}" if value is True else f' {name}="{quoted(value)}"'
            for name, value in attributes.items()
            if value is not False
        ]
    )


def quoted(value: object) -> str:
    """Escape a value. Most contain no special character, and escaping takes six calls."""
    if type(value) is str and is_plain(value):
        return value
    return str(escape(value)).replace('"', "&quot;")
