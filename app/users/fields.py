"""The form fields by which people say who they are."""

from collections.abc import Callable
from typing import cast

from email_validator import EmailNotValidError, validate_email
from flask_babel.speaklater import LazyString
from wtforms import EmailField, Field, PasswordField
from wtforms.validators import Length, ValidationError

from app.users.hashing import MAX_PASSWORD_LENGTH
from app.users.models import MAX_EMAIL_LENGTH
from app.users.passwords import password_hint
from app.web.forms import Form, Required
from app.web.i18n import lazy_gettext as _

Check = Callable[[Form, Field], None]


def is_email(form: Form, field: Field) -> None:
    """Refuse what cannot be an address; whether anybody reads it, only a mail can tell."""
    try:
        validate_email(field.data, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValidationError(
            _("This is not an e-mail address, as in you@example.com.")
        ) from error


def email_field(
    label: str = _("E-mail address"), *checks: Check, **render: str | bool
) -> EmailField:
    return EmailField(
        label,
        [Required(_("Enter your e-mail address.")), Length(max=MAX_EMAIL_LENGTH), *checks],
        filters=[lambda text: text.strip() if text else text],
        render_kw={"autocomplete": "username", "inputmode": "email"} | render,
    )


def own_email_field() -> EmailField:
    """Return the address of whose password it is: shown, not asked.

    It tells a password manager which account to fill in or to change.
    """
    return EmailField(
        _("E-mail address"), render_kw={"autocomplete": "username", "readonly": True}
    )


def current_password_field(label: str = _("Password"), **render: str | bool) -> PasswordField:
    return PasswordField(
        label,
        [
            Required(_("Enter your password.")),
            Length(max=MAX_PASSWORD_LENGTH, message=_("No password here is that long.")),
        ],
        render_kw={"autocomplete": "current-password"} | render,
    )


def new_password_field(**render: str | bool) -> PasswordField:
    return PasswordField(
        _("New password"),
        [Required(_("Choose a password.")), Length(max=MAX_PASSWORD_LENGTH)],
        # Not before the page is shown: the length is a setting, and the words are translated.
        description=cast(str, LazyString(password_hint)),
        # No maxlength: a browser would cut what is pasted, and the rest would be the password.
        render_kw={"autocomplete": "new-password", "maxlength": False} | render,
    )
