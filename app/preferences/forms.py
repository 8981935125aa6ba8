"""One radio group for each preference that is declared."""

from wtforms import RadioField

from app.forms import Form
from app.preferences.declared import PREFERENCES


class PreferencesForm(Form):
    """What is not sent stays as it is, so that a small switch can send one choice alone."""


for _declared in PREFERENCES.values():
    setattr(
        PreferencesForm,
        _declared.name,
        RadioField(_declared.label, choices=list(_declared.choices.items())),
    )
