"""The actions that are recorded: their names, their labels, and which are emailed."""

from enum import StrEnum

from app.web.i18n import lazy_gettext as _


class Action(StrEnum):
    """An action, or an attempt, that is relevant to the security of an account."""

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
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  # nosec B105  # the name of an event
    PASSWORD_REMOVED = "password.removed"  # noqa: S105  # nosec B105  # the name of an event
    PASSWORD_RESET = "password.reset"  # noqa: S105  # nosec B105  # the name of an event
    RECOVERY_CODE_USED = "recovery_code.used"
    RECOVERY_CODES_REPLACED = "recovery_codes.replaced"
    SECOND_FACTOR_ADDED = "second_factor.added"
    SECOND_FACTOR_FAILED = "second_factor.failed"
    SECOND_FACTOR_GUESSED = "second_factor.guessed"
    SECOND_FACTOR_REMOVED = "second_factor.removed"
    SECOND_FACTORS_RESET = "second_factors.reset"
    TOKEN_REUSED = "token.reused"  # noqa: S105  # nosec B105  # the name of an event


LABELS: dict[str, str] = {
    Action.ACCOUNT_CREATED: _("Account created"),
    Action.ACCOUNT_DISABLED: _("Account disabled"),
    Action.ACCOUNT_ENABLED: _("Account enabled"),
    Action.ACCOUNT_DELETED: _("Account deletion scheduled"),
    Action.ACCOUNT_RESTORED: _("Account deletion canceled"),
    Action.DATA_EXPORTED: _("Data downloaded"),
    Action.DEVICE_ADDED: _("Signed in on a new device"),
    Action.EMAIL_CHANGED: _("Email address changed"),
    Action.EMAIL_CHANGE_REQUESTED: _("Email address change requested"),
    Action.EMAIL_CHANGE_UNDONE: _("Email address change undone"),
    Action.LOGIN_SUCCEEDED: _("Signed in"),
    Action.LOGIN_FAILED: _("Sign-in failed"),
    Action.LOGIN_ENDED: _("Signed out"),
    Action.OTHER_LOGINS_ENDED: _("Signed out of all other devices"),
    Action.PASSKEY_COPIED: _("Copied passkey rejected"),
    Action.PASSWORD_CHANGED: _("Password changed"),
    Action.PASSWORD_REMOVED: _("Password removed"),
    Action.PASSWORD_RESET: _("Password reset"),
    Action.RECOVERY_CODE_USED: _("Recovery code used"),
    Action.RECOVERY_CODES_REPLACED: _("Recovery codes replaced"),
    Action.SECOND_FACTOR_ADDED: _("Two-factor method added"),
    Action.SECOND_FACTOR_FAILED: _("Two-factor code failed"),
    Action.SECOND_FACTOR_GUESSED: _("Repeated two-factor failures with your password"),
    Action.SECOND_FACTOR_REMOVED: _("Two-factor method removed"),
    Action.SECOND_FACTORS_RESET: _("Two-factor authentication reset"),
    Action.TOKEN_REUSED: _("Stolen sign-in blocked"),
}

# Attempts to act as the account owner. The owner sees where they came from, even if the browser
# was signed in to another account.
ATTEMPTS = frozenset(
    {
        Action.LOGIN_FAILED,
        Action.PASSKEY_COPIED,
        Action.SECOND_FACTOR_FAILED,
        Action.SECOND_FACTOR_GUESSED,
        Action.TOKEN_REUSED,
    }
)

# Actions that are emailed to the account owner, who may not look at /activity (ASVS 5.0 6.3.7).
# A changed email address, the request for it, an export and a deletion have emails of their own.
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
