"""Write the controls of forms: what WTForms writes, at a tenth of what it takes.

WTForms puts each attribute together by `Markup.format`, some sixty calls each, and the sign-in
page has twenty. tests/framework/test_controls.py holds the two against each other.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from wtforms import widgets as theirs
from wtforms.widgets.core import clean_key  # type: ignore[attr-defined]  # newer than stubs

# The types themselves, because one made from them may write something else.
INPUTS = {
    theirs.TextInput,
    theirs.EmailInput,
    theirs.PasswordInput,
    theirs.CheckboxInput,
    theirs.HiddenInput,
}
html_name = lru_cache(maxsize=256)(clean_key)

# A Field has more than the stubs know: `_value()`, and a widget with `input_type`.
Field = Any


def is_plain_control(field: Field) -> bool:
    """Return whether it is one of the plain controls; the rest is WTForms' own business."""
    widget = type(field.widget)
    return (widget in INPUTS or widget is theirs.TextArea) and field._datalist is None


def render_control(field: Field, given: Mapping[str, Any]) -> Markup:
    """Write an <input> or <textarea>; `given` wins over the field's `render_kw`, and that over
    what its validators say."""
    attributes = dict(attributes_of(field))
    attributes |= {html_name(name): it for name, it in (field.render_kw or {}).items()}
    attributes |= {html_name(name): it for name, it in given.items()}
    if type(field.widget) is theirs.TextArea:
        content = escape(field._value())
        text = f"<textarea{written(attributes)}>\r\n{content}</textarea>"
    else:
        if type(field.widget) is theirs.PasswordInput and field.widget.hide_value:
            attributes["value"] = ""
        text = f"<input{written(attributes)}>"
    return Markup(text)  # noqa: S704  # nosec B704  # all of it escaped


def attributes_of(field: Field) -> Iterator[tuple[str, Any]]:
    widget = field.widget
    yield from (("name", field.name), ("id", field.id))
    if type(widget) in INPUTS:
        yield from (("type", widget.input_type), ("value", field._value()))
        if type(widget) is theirs.CheckboxInput and field.data:
            yield "checked", True
    for name, value in vars(field.flags).items():
        if name in widget.validation_attrs:
            yield name, value() if callable(value) else value


def written(attributes: Mapping[str, Any]) -> str:
    """Return attributes as HTML: True as the name alone, False not at all."""
    return "".join(
        f" {name}" if value is True else f' {name}="{quoted(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def quoted(value: object) -> str:
    return str(escape(value)).replace('"', "&quot;")
