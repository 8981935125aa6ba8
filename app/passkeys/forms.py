"""What people say about their passkeys, and what their browsers answer."""

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from app.passkeys.models import MAX_PASSKEY_NAME_LENGTH
from app.web.forms import Form, Required
from app.web.i18n import lazy_gettext as _
from app.web.saved_form import saved_form_field

# What a device answers is a few hundred bytes; one that proves its make sends certificates.
LONGEST_ANSWER = 20_000
NO_ANSWER = _(
    "Your browser did not send a passkey. Passkeys need JavaScript, so turn it on or use another "
    "way."
)


def credential_field() -> HiddenField:
    return HiddenField(validators=[Required(NO_ANSWER), Length(max=LONGEST_ANSWER)])


def name_field() -> StringField:
    return StringField(
        _("Name"),
        [
            Required(_("Give it a name by which you will know it.")),
            Length(max=MAX_PASSKEY_NAME_LENGTH),
        ],
        description=_("By which you will know it when you have lost it, such as “Work phone”."),
        filters=[lambda text: " ".join(text.split()) if text else ""],
        render_kw={"autocomplete": "off"},
    )


class AddForm(Form):
    name = name_field()
    credential = credential_field()


class NameForm(Form):
    name = name_field()


class UseForm(Form):
    """A passkey in place of a password: at the door, or as proof."""

    credential = credential_field()
    remember = BooleanField()
    trust = BooleanField()
    next = HiddenField()
    saved_form = saved_form_field()
