"""The security events of roles. The part sends emails of its own."""

from app.audit.actions import ActionKind
from app.web.i18n import lazy_gettext as _

ROLE_GRANTED = "role.granted"
ROLE_REVOKED = "role.revoked"

KINDS = [
    ActionKind(ROLE_GRANTED, _("Role granted")),
    ActionKind(ROLE_REVOKED, _("Role revoked")),
]
