"""The preferences form: radio buttons for a few choices, a drop-down list for many."""

from collections.abc import Collection
from typing import Any, cast

from flask import current_app
from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs

from app.application import Application
from app.preferences.definitions import Preference, declared_preferences
from app.web.forms import Form

MAX_RADIO_BUTTONS = 3


FORM = "preferences_form"


class PreferencesForm(Form):
    """One field for each preference that is offered. Fields that are not sent stay unchanged."""

    def __init__(self, offered: Collection[str], **given: Any) -> None:
        super().__init__(**given)
        for field in self.shown_fields:
            if field.name not in offered:
                del self[field.name]


def declare_form(app: Application) -> None:
    """Create the class of the form, with a field for each preference declared so far."""
    fields = {declared.name: field_for(declared) for declared in declared_preferences.items(app)}
    app.extensions[FORM] = type("DeclaredPreferencesForm", (PreferencesForm,), fields)


def preferences_form(offered: Collection[str], data: dict[str, str]) -> PreferencesForm:
    form_class = cast(type[PreferencesForm], current_app.extensions[FORM])
    return form_class(offered, data=data)


def field_for(preference: Preference) -> Field:
    kind = RadioField if len(preference.choices) <= MAX_RADIO_BUTTONS else SelectField
    choices = [SelectChoice(value, label) for value, label in preference.choices.items()]
    return kind(preference.label, choices=choices, description=preference.hint)
