"""The security event of the export, which has an email of its own."""

from app.audit.actions import ActionKind
from app.web.i18n import lazy_gettext as _

DATA_EXPORTED = "data.exported"
DATA_DOWNLOADED = ActionKind(DATA_EXPORTED, _("Data downloaded"))
