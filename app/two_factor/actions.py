"""The security events of second factors."""

from app.audit.actions import ActionKind
from app.web.i18n import lazy_gettext as _

RECOVERY_CODE_USED = "recovery_code.used"
RECOVERY_CODES_REPLACED = "recovery_codes.replaced"
SECOND_FACTOR_ADDED = "second_factor.added"
SECOND_FACTOR_FAILED = "second_factor.failed"
SECOND_FACTOR_GUESSED = "second_factor.guessed"
SECOND_FACTOR_REMOVED = "second_factor.removed"
SECOND_FACTORS_RESET = "second_factors.reset"

KINDS = [
    ActionKind(RECOVERY_CODE_USED, _("Recovery code used")),
    ActionKind(RECOVERY_CODES_REPLACED, _("Recovery codes replaced"), is_mailed=True),
    ActionKind(SECOND_FACTOR_ADDED, _("Two-factor method added"), is_mailed=True),
    ActionKind(SECOND_FACTOR_FAILED, _("Two-factor code failed"), is_attempt=True),
    ActionKind(
        SECOND_FACTOR_GUESSED,
        _("Repeated two-factor failures with your password"),
        is_mailed=True,
        is_attempt=True,
    ),
    ActionKind(SECOND_FACTOR_REMOVED, _("Two-factor method removed"), is_mailed=True),
    ActionKind(SECOND_FACTORS_RESET, _("Two-factor authentication reset"), is_mailed=True),
]
