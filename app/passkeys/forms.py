"""The forms that add, name and use passkeys."""

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from app.passkeys.models import MAX_PASSKEY_NAME_LENGTH
from app.web.forms import Form, Required
from app.web.i18n import lazy_gettext as _
from app.web.redirects import next_field
from app.web.saved_form import saved_form_field

# A response is a few hundred bytes, or some thousand with attestation certificates.
MAX_RESPONSE_LENGTH = 20_000
NO_RESPONSE = _(
    "Your browser did not send a passkey. Passkeys need JavaScript: turn it on, or use another "
    "method."
)


def credential_field() -> HiddenField:
    return HiddenField("", [Required(NO_RESPONSE), Length(max=MAX_RESPONSE_LENGTH)])


def name_field() -> StringField:
    return StringField(
        _("Name"),
        [
            Required(_("Enter a name.")),
            Length(max=MAX_PASSKEY_NAME_LENGTH),
        ],
        description=_("So that you can tell your passkeys apart, for example “Work phone”."),
        filters=[lambda text: " ".join(text.split()) if text else ""],
        render_kw={"autocomplete": "off"},
    )


class AddForm(Form):
    name = name_field()
    credential = credential_field()


class NameForm(Form):
    name = name_field()


class UseForm(Form):
    """A passkey that signs in, or reauthenticates."""

    credential = credential_field()
    remember = BooleanField()
    trust = BooleanField()
    next = next_field()
    saved_form = saved_form_field()
