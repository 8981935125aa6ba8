"""What people fill in about themselves."""

from wtforms import StringField, SubmitField
from wtforms.validators import Length

from app.forms import Form
from app.users.models import LONGEST_NAME
from app.words import lazy as _


class AccountForm(Form):
    display_name = StringField(
        _("Name"),
        [Length(max=LONGEST_NAME)],
        description=_("How the site greets you. You may leave it empty."),
        filters=[lambda text: text.strip() if text else ""],
        render_kw={"autocomplete": "name"},
    )
    submit = SubmitField(_("Save"))
