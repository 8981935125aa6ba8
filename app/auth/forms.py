"""The forms for signing in and for reauthentication."""

from wtforms import BooleanField, HiddenField

from app.users.fields import current_password_field, email_field, own_email_field
from app.web.forms import Form
from app.web.i18n import lazy_gettext as _
from app.web.saved_form import saved_form_field


class LoginForm(Form):
    # "webauthn" lets browsers offer passkeys in this field (HTML, 4.10.18.7.1).
    email = email_field(autofocus=True, autocomplete="username webauthn")
    password = current_password_field()
    remember = BooleanField(_("Keep me signed in on this device"))
    next = HiddenField("")
    saved_form = saved_form_field()


class ReauthenticationForm(Form):
    email = own_email_field()
    password = current_password_field(autofocus=True)
    next = HiddenField("")
    saved_form = saved_form_field()
