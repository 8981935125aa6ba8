"""The preferences form: radio buttons for a few choices, a drop-down list for many."""

from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs

from app.preferences.definitions import PREFERENCES, Preference
from app.web.forms import Form

MAX_RADIO_BUTTONS = 3


class PreferencesForm(Form):
    """One field for each preference, added below. Fields that are not sent stay unchanged."""


def field_for(preference: Preference) -> Field:
    kind = RadioField if len(preference.choices) <= MAX_RADIO_BUTTONS else SelectField
    choices = [SelectChoice(value, label) for value, label in preference.choices.items()]
    return kind(preference.label, choices=choices, description=preference.hint)


for _preference in PREFERENCES.values():
    setattr(PreferencesForm, _preference.name, field_for(_preference))
