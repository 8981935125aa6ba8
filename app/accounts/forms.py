"""The forms of the account pages."""

from wtforms import StringField
from wtforms.validators import Length

from app.users.fields import (
    current_password_field,
    email_field,
    is_email,
    new_password_field,
    own_email_field,
)
from app.users.models import MAX_NAME_LENGTH
from app.web.forms import Form
from app.web.i18n import lazy_gettext as _
from app.web.redirects import next_field


class AccountForm(Form):
    display_name = StringField(
        _("Name"),
        [Length(max=MAX_NAME_LENGTH)],
        description=_("This is how we greet you."),
        filters=[lambda text: text.strip() if text else ""],
        render_kw={"autocomplete": "name"},
    )


class RegisterForm(Form):
    email = email_field(_("Email address"), is_email, autofocus=True)
    next = next_field()


class ResetForm(Form):
    email = email_field(_("Email address"), is_email, autofocus=True)
    next = next_field()


class NewPasswordForm(Form):
    email = own_email_field()
    password = new_password_field(autofocus=True)
    next = next_field()


class PasswordForm(Form):
    email = own_email_field()
    current_password = current_password_field(_("Current password"))
    password = new_password_field()


class EmailForm(Form):
    email = email_field(_("New email address"), is_email, autocomplete="email")


class ButtonForm(Form):
    """A form without fields: one button."""
