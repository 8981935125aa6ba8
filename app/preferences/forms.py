"""One field for each preference that is declared: cards for a few choices, a list for many."""

from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs

from app.forms import Form
from app.preferences.declared import PREFERENCES, Preference

FEW = 3


class PreferencesForm(Form):
    """What is not sent stays as it is, so that a small switch can send one choice alone."""


def field_for(preference: Preference) -> Field:
    kind = RadioField if len(preference.choices) <= FEW else SelectField
    choices = [SelectChoice(value, label) for value, label in preference.choices.items()]
    return kind(preference.label, choices=choices, description=preference.hint)


for _declared in PREFERENCES.values():
    setattr(PreferencesForm, _declared.name, field_for(_declared))
