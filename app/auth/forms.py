"""The forms for signing in and for reauthentication."""

from typing import Any

from wtforms import BooleanField

from app.application import ExtensionPoint
from app.users.fields import current_password_field, email_field, own_email_field
from app.web.forms import Form
from app.web.i18n import lazy_gettext as _
from app.web.redirects import next_field
from app.web.saved_form import saved_form_field

# What browsers may offer in the email field besides the address (HTML, 4.10.18.7.1).
email_autofill: ExtensionPoint[str] = ExtensionPoint("email_autofill")


class LoginForm(Form):
    email = email_field(autofocus=True)
    password = current_password_field()
    remember = BooleanField(_("Keep me signed in on this device"))
    next = next_field()
    saved_form = saved_form_field()

    def __init__(self, *formdata: Any, **given: Any) -> None:
        super().__init__(*formdata, **given)
        tokens = " ".join(["username", *email_autofill.items()])
        self.email.render_kw = {**(self.email.render_kw or {}), "autocomplete": tokens}


class ReauthenticationForm(Form):
    email = own_email_field()
    password = current_password_field(autofocus=True)
    next = next_field()
    saved_form = saved_form_field()
