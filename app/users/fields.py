"""The form fields by which people say who they are."""

from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from app.users.models import LONGEST_EMAIL
from app.users.passwords import LONGEST_PASSWORD
from app.words import lazy as _


def email_field(**render: str | bool) -> EmailField:
    return EmailField(
        _("E-mail address"),
        [InputRequired(_("Enter your e-mail address.")), Length(max=LONGEST_EMAIL)],
        filters=[lambda text: text.strip() if text else text],
        render_kw={"autocomplete": "username", "inputmode": "email"} | render,
    )


def current_password_field(label: str = _("Password"), **render: str | bool) -> PasswordField:
    return PasswordField(
        label,
        [
            InputRequired(_("Enter your password.")),
            Length(max=LONGEST_PASSWORD, message=_("No password here is that long.")),
        ],
        render_kw={"autocomplete": "current-password"} | render,
    )
