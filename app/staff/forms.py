"""The forms of the actions on a user."""

from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

from app.web.forms import Form, Required
from app.web.i18n import lazy_gettext as _

MAX_REASON_LENGTH = 200
MAX_VERSION_LENGTH = 64


def reason_field() -> StringField:
    return StringField(
        _("Reason"),
        [Required(_("Enter a reason.")), Length(max=MAX_REASON_LENGTH)],
        description=_("Recorded with the action. The user can read it in a copy of their data."),
        filters=[lambda text: text.strip() if text else text],
        render_kw={"autocomplete": "off"},
    )


class ActionForm(Form):
    """What every action on a user sends: the reason, and the state that the page showed."""

    reason = reason_field()
    version = HiddenField(validators=[Length(max=MAX_VERSION_LENGTH)])


class RoleForm(ActionForm):
    # The page fills in the choices; grant_role() refuses others.
    role = SelectField(
        _("Role"), [Required(_("Choose a role."))], choices=[], validate_choice=False
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        # The page has both forms, and an id is unique in a page.
        self.reason.id = "role-reason"
        self.reason.label.field_id = self.reason.id
