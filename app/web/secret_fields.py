"""Find the secret fields of forms, whose values must not be in a page again.

A field is secret by its type (PasswordField, or a field with a PasswordInput) or by its
`autocomplete` attribute: a password, a one-time code, a card number (HTML, 4.10.18.7.1).

Form classes are inspected, not instances: no view has run when a form is saved, and a product's
form may need arguments that only its view has.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from flask import current_app
from flask_babel.speaklater import LazyString
from wtforms import Form, PasswordField
from wtforms.fields.core import UnboundField
from wtforms.widgets import PasswordInput

SECRET_AUTOCOMPLETE = frozenset(
    ["current-password", "new-password", "one-time-code", "cc-number", "cc-csc"]
)
FormClass = type[Form]
# Only the stubs know that it is generic.
Unbound: TypeAlias = "UnboundField[Any]"


def is_secret(field: Any) -> bool:
    return has_secret_type(type(field), field.widget, field.render_kw)


def has_secret_type(kind: type, widget: object, render_kw: dict[str, Any] | None) -> bool:
    attributes = render_kw or {}
    return (
        isinstance(widget, PasswordInput)
        or issubclass(kind, PasswordField)
        or attributes.get("type") == "password"
        or not SECRET_AUTOCOMPLETE.isdisjoint(str(attributes.get("autocomplete")).split())
    )


def storable_fields(endpoint: str) -> Callable[[str], bool]:
    """Return a function that says whether the field of a name may be in a page again.

    The forms in the module of the view decide. A name that they do not contain is secret if it is
    secret in any form, or if no form contains it.
    """
    known = secret_names(all_forms(Form)) | secret_names(forms_of_view(endpoint))

    def is_storable(name: str) -> bool:
        # lines-0-text is a field of the first entry of a FieldList, and home-street has a prefix.
        parts = [part for part in name.split("-") if not part.isdecimal()]
        return known.get("".join(parts[-1:])) is False and not any(map(known.get, parts))

    return is_storable


def field_labels(endpoint: str) -> dict[str, str]:
    """Return the labels of the fields of the forms of a view, by the name of the field."""
    fields = [item for form in forms_of_view(endpoint) for item in fields_of(form)]
    return {name: label for name, field in fields if (label := find_label(field))}


def find_label(field: Unbound) -> str | None:
    texts = (field.kwargs.get("label"), *field.args)
    return next((text for text in texts if isinstance(text, str | LazyString)), None)


def secret_names(forms: Iterable[FormClass]) -> dict[str, bool]:
    """Return, by the name of a field, whether it is secret in any of the forms."""
    found: dict[str, bool] = {}
    for form in forms:
        for name, field in fields_of(form):
            found[name] = found.get(name, False) or is_secret_unbound(field)
    return found


def is_secret_unbound(field: Unbound) -> bool:
    """Return whether a field is secret, or is a FieldList of secret fields."""
    entries = [value for value in field.args if isinstance(value, UnboundField)]
    widget = field.kwargs.get("widget") or field.field_class.widget
    return has_secret_type(field.field_class, widget, field.kwargs.get("render_kw")) or any(
        map(is_secret_unbound, entries)
    )


def fields_of(form: FormClass) -> Iterator[tuple[str, Unbound]]:
    members: dict[str, object] = {}
    for cls in reversed(form.__mro__):
        members |= vars(cls)
    for name, field in members.items():
        if isinstance(field, UnboundField):
            yield field.name or name, field


def all_forms(form: FormClass) -> Iterator[FormClass]:
    for subclass in form.__subclasses__():
        yield subclass
        yield from all_forms(subclass)


def forms_of_view(endpoint: str) -> list[FormClass]:
    """Return the form classes in the module of a view."""
    module = sys.modules.get(getattr(current_app.view_functions.get(endpoint), "__module__", ""))
    members = vars(module).values() if module else ()
    return [cls for cls in members if isinstance(cls, type) and issubclass(cls, Form)]
