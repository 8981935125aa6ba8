"""What can be recorded: the name of each event, the words for it, and which are mailed."""

from enum import StrEnum

from app.web.i18n import lazy_gettext as _


class Action(StrEnum):
    """What somebody did, or tried to do, that their safety hangs on."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_RESTORED = "account.restored"
    DATA_EXPORTED = "data.exported"
    DEVICE_ADDED = "device.added"
    EMAIL_CHANGED = "email.changed"
    EMAIL_CHANGE_REQUESTED = "email_change.requested"
    EMAIL_CHANGE_UNDONE = "email_change.undone"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGIN_ENDED = "login.ended"
    OTHER_LOGINS_ENDED = "other_logins.ended"
    PASSKEY_COPIED = "passkey.copied"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  # nosec B105
    PASSWORD_REMOVED = "password.removed"  # noqa: S105  # nosec B105
    PASSWORD_RESET = "password.reset"  # noqa: S105  # nosec B105
    RECOVERY_CODE_USED = "recovery_code.used"
    RECOVERY_CODES_REPLACED = "recovery_codes.replaced"
    SECOND_FACTOR_ADDED = "second_factor.added"
    SECOND_FACTOR_FAILED = "second_factor.failed"
    SECOND_FACTOR_GUESSED = "second_factor.guessed"
    SECOND_FACTOR_REMOVED = "second_factor.removed"
    SECOND_FACTORS_RESET = "second_factors.reset"
    TOKEN_REUSED = "token.reused"  # noqa: S105  # nosec B105


LABELS: dict[str, str] = {
    Action.ACCOUNT_CREATED: _("Account created"),
    Action.ACCOUNT_DISABLED: _("Account disabled"),
    Action.ACCOUNT_ENABLED: _("Account enabled again"),
    Action.ACCOUNT_DELETED: _("Deletion of the account asked for"),
    Action.ACCOUNT_RESTORED: _("Account kept after all"),
    Action.DATA_EXPORTED: _("Data exported"),
    Action.DEVICE_ADDED: _("First sign-in on this device"),
    Action.EMAIL_CHANGED: _("E-mail address changed"),
    Action.EMAIL_CHANGE_REQUESTED: _("Change of e-mail address requested"),
    Action.EMAIL_CHANGE_UNDONE: _("Change of e-mail address undone"),
    Action.LOGIN_SUCCEEDED: _("Signed in"),
    Action.LOGIN_FAILED: _("Sign-in failed"),
    Action.LOGIN_ENDED: _("Signed out"),
    Action.OTHER_LOGINS_ENDED: _("Signed out on all other devices"),
    Action.PASSKEY_COPIED: _("A copy of a passkey was refused"),
    Action.PASSWORD_CHANGED: _("Password changed"),
    Action.PASSWORD_REMOVED: _("Password removed"),
    Action.PASSWORD_RESET: _("Password reset"),
    Action.RECOVERY_CODE_USED: _("Recovery code used"),
    Action.RECOVERY_CODES_REPLACED: _("New recovery codes made"),
    Action.SECOND_FACTOR_ADDED: _("Second factor added"),
    Action.SECOND_FACTOR_FAILED: _("Second step failed after the right password"),
    Action.SECOND_FACTOR_GUESSED: _("Somebody with your password guesses at the second step"),
    Action.SECOND_FACTOR_REMOVED: _("Second factor removed"),
    Action.SECOND_FACTORS_RESET: _("Second factors removed by whoever runs this site"),
    Action.TOKEN_REUSED: _("A stolen sign-in was used and ended"),
}

# Attempts to be the owner. Where they came from is what the owner has to know, also where the
# browser was signed in to another account.
ATTEMPTS = frozenset(
    {
        Action.LOGIN_FAILED,
        Action.PASSKEY_COPIED,
        Action.SECOND_FACTOR_FAILED,
        Action.SECOND_FACTOR_GUESSED,
        Action.TOKEN_REUSED,
    }
)

# What the owner is told by mail, because a page that nobody opens warns nobody (ASVS 5.0 6.3.7).
# A new address and the request for one, an export and a deletion have mails of their own, which
# say more.
MAILED = frozenset(
    {
        Action.DEVICE_ADDED,
        Action.EMAIL_CHANGE_UNDONE,
        Action.PASSKEY_COPIED,
        Action.PASSWORD_CHANGED,
        Action.PASSWORD_REMOVED,
        Action.PASSWORD_RESET,
        Action.RECOVERY_CODES_REPLACED,
        Action.SECOND_FACTOR_ADDED,
        Action.SECOND_FACTOR_GUESSED,
        Action.SECOND_FACTOR_REMOVED,
        Action.SECOND_FACTORS_RESET,
        Action.TOKEN_REUSED,
    }
)
