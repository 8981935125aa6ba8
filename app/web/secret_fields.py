"""Which fields of a form are secret, and which may stand in a page again once they were sent.

A field is secret by its type (PasswordField, or any field that is shown as one) or by what it says
to browsers: `autocomplete` as a password, a code that is sent once, a card (HTML, 4.10.18.7.1).

The classes of forms are read, and no form is made: when what was sent is put aside, no view has
run, and a product's form may need arguments that only its view has.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from flask import current_app
from flask_babel.speaklater import LazyString
from wtforms import Form, PasswordField
from wtforms.fields.core import UnboundField
from wtforms.widgets import PasswordInput

SECRET = frozenset(["current-password", "new-password", "one-time-code", "cc-number", "cc-csc"])
FormClass = type[Form]
# A field of any type that is not bound to a form yet. Only the stubs know that it is generic.
Unbound: TypeAlias = "UnboundField[Any]"


def is_secret(field: Any) -> bool:
    """Return whether what is typed into this field of a form must not stand in a page."""
    return says_secret(type(field), field.widget, field.render_kw)


def says_secret(kind: type, widget: object, attributes: dict[str, Any] | None) -> bool:
    said = attributes or {}
    return (
        isinstance(widget, PasswordInput)
        or issubclass(kind, PasswordField)
        or said.get("type") == "password"
        or not SECRET.isdisjoint(str(said.get("autocomplete")).split())
    )


def storable_at(endpoint: str) -> Callable[[str], bool]:
    """Return what says of a name whether such a field, sent there, may stand in a page again.

    The forms beside the view decide. A name that they do not know is secret if it is so in any
    form, and one that no form knows may be anything: it is taken for a secret, too.
    """
    known = secrets_of(every_form(Form)) | secrets_of(forms_beside(endpoint))

    def is_storable(name: str) -> bool:
        # lines-0-text is the text of the first line of a FieldList, home-street has a prefix.
        parts = [part for part in name.split("-") if not part.isdecimal()]
        return known.get("".join(parts[-1:])) is False and not any(map(known.get, parts))

    return is_storable


def labels_beside(endpoint: str) -> dict[str, str]:
    """Return what the forms that a view knows call their fields, by name."""
    fields = [named for form in forms_beside(endpoint) for named in fields_of(form)]
    return {name: label for name, field in fields if (label := label_of(field))}


def label_of(field: Unbound) -> str | None:
    texts = (field.kwargs.get("label"), *field.args)
    return next((text for text in texts if isinstance(text, str | LazyString)), None)


def secrets_of(forms: Iterable[FormClass]) -> dict[str, bool]:
    """Return whether a field is secret in any of the forms, by its name."""
    found: dict[str, bool] = {}
    for form in forms:
        for name, field in fields_of(form):
            found[name] = found.get(name, False) or holds_secret(field)
    return found


def holds_secret(field: Unbound) -> bool:
    """Return whether it is secret, or lists fields that are."""
    listed = [given for given in field.args if isinstance(given, UnboundField)]
    widget = field.kwargs.get("widget") or field.field_class.widget
    return says_secret(field.field_class, widget, field.kwargs.get("render_kw")) or any(
        map(holds_secret, listed)
    )


def fields_of(form: FormClass) -> Iterator[tuple[str, Unbound]]:
    members: dict[str, object] = {}
    for part in reversed(form.__mro__):
        members |= vars(part)
    for name, field in members.items():
        if isinstance(field, UnboundField):
            yield field.name or name, field


def every_form(form: FormClass) -> Iterator[FormClass]:
    for made_from_it in form.__subclasses__():
        yield made_from_it
        yield from every_form(made_from_it)


def forms_beside(endpoint: str) -> list[FormClass]:
    """Return the forms that the module of a view knows by name."""
    module = sys.modules.get(getattr(current_app.view_functions.get(endpoint), "__module__", ""))
    known = vars(module).values() if module else ()
    return [it for it in known if isinstance(it, type) and issubclass(it, Form)]
