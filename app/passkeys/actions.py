"""The security events of passkeys."""

from app.audit.actions import ActionKind
from app.web.i18n import lazy_gettext as _

PASSKEY_COPIED = "passkey.copied"
PASSWORD_REMOVED = "password.removed"  # noqa: S105  # nosec B105  # the name of an event

KINDS = [
    ActionKind(PASSKEY_COPIED, _("Copied passkey rejected"), is_mailed=True, is_attempt=True),
    ActionKind(PASSWORD_REMOVED, _("Password removed"), is_mailed=True),
]
