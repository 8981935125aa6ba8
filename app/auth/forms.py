"""What people fill in at the door."""

from wtforms import BooleanField, HiddenField, SubmitField

from app.forms import Form
from app.users.fields import current_password_field, email_field, own_email_field
from app.words import lazy as _


class LoginForm(Form):
    email = email_field(autofocus=True)
    password = current_password_field()
    remember = BooleanField(_("Keep me signed in on this device"))
    next = HiddenField()
    interrupted = HiddenField()
    submit = SubmitField(_("Sign in"))


class ProofForm(Form):
    email = own_email_field()
    password = current_password_field(autofocus=True)
    next = HiddenField()
    interrupted = HiddenField()
    submit = SubmitField(_("Go on"))
