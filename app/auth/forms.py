"""What people fill in at the door."""

from wtforms import BooleanField, EmailField, HiddenField, SubmitField

from app.forms import Form
from app.users.fields import current_password_field, email_field
from app.words import lazy as _


class LoginForm(Form):
    email = email_field(autofocus=True)
    password = current_password_field()
    remember = BooleanField(_("Keep me signed in on this device"))
    next = HiddenField()
    interrupted = HiddenField()
    submit = SubmitField(_("Sign in"))


class ProofForm(Form):
    # Shown, not asked: it tells a password manager whose password is wanted.
    email = EmailField(
        _("E-mail address"), render_kw={"autocomplete": "username", "readonly": True}
    )
    password = current_password_field(autofocus=True)
    next = HiddenField()
    interrupted = HiddenField()
    submit = SubmitField(_("Go on"))
