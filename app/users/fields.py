"""Form fields for email addresses and passwords."""

from collections.abc import Callable
from typing import cast

from flask_babel.speaklater import LazyString
from wtforms import EmailField, Field, PasswordField
from wtforms.validators import Length, ValidationError

from app.mail.addresses import parse_email
from app.users.hashing import MAX_PASSWORD_LENGTH
from app.users.models import MAX_EMAIL_LENGTH
from app.users.password_policy import password_hint
from app.web.forms import Form, Required
from app.web.i18n import lazy_gettext as _

Check = Callable[[Form, Field], None]


def is_email(form: Form, field: Field) -> None:
    try:
        parse_email(field.data)
    except ValueError as error:
        raise ValidationError(_("Enter an email address, such as you@example.com.")) from error


def email_field(
    label: str = _("Email address"), *checks: Check, **render: str | bool
) -> EmailField:
    return EmailField(
        label,
        [Required(_("Enter your email address.")), Length(max=MAX_EMAIL_LENGTH), *checks],
        filters=[lambda text: text.strip() if text else text],
        render_kw={"autocomplete": "username", "inputmode": "email"} | render,
    )


def own_email_field() -> EmailField:
    """Return a read-only field that tells password managers which account the form is for."""
    return EmailField(_("Email address"), render_kw={"autocomplete": "username", "readonly": True})


def current_password_field(label: str = _("Password"), **render: str | bool) -> PasswordField:
    return PasswordField(
        label,
        [
            Required(_("Enter your password.")),
            Length(max=MAX_PASSWORD_LENGTH, message=_("This password is too long.")),
        ],
        render_kw={"autocomplete": "current-password"} | render,
    )


def new_password_field(**render: str | bool) -> PasswordField:
    return PasswordField(
        _("New password"),
        [Required(_("Choose a password.")), Length(max=MAX_PASSWORD_LENGTH)],
        # Lazy: the length is a setting, and the text is translated for each page.
        description=cast(str, LazyString(password_hint)),
        # No maxlength: a browser would truncate a pasted password without notice.
        render_kw={"autocomplete": "new-password", "maxlength": False} | render,
    )
