"""The forms of the second step and of the setup page."""

from typing import Any

from flask_babel import format_timedelta, gettext
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.sessions.logins import setting
from app.two_factor.trusted_devices import LIFETIME
from app.web.forms import Form, Required
from app.web.i18n import lazy_gettext as _
from app.web.saved_form import saved_form_field

MAX_CODE_LENGTH = 40


def code_field(**render: str | bool) -> StringField:
    return StringField(
        _("Code"),
        [Required(_("Enter a code.")), Length(max=MAX_CODE_LENGTH)],
        # `one-time-code` lets browsers fill in a code that they received.
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        | render,
    )


class SecondStepForm(Form):
    code = code_field(autofocus=True)
    trust = BooleanField()
    saved_form = saved_form_field()

    def __init__(self, *args: Any, asks_to_trust: bool = True, **values: Any) -> None:
        super().__init__(*args, **values)
        if not asks_to_trust:
            del self.trust
            return
        days = format_timedelta(setting(LIFETIME), granularity="day", threshold=1000)
        self.trust.label.text = gettext("Trust this device for %(days)s", days=days)


class SetUpForm(Form):
    code = code_field(inputmode="numeric")
