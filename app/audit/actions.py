"""The actions that are recorded: their names, their labels, and which are emailed.

A part registers the actions that it records with `action_kinds`, in its `init_app`.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.application import ExtensionPoint
from app.web.i18n import lazy_gettext as _


@dataclass(frozen=True)
class ActionKind:
    """An action, or an attempt, that is relevant to the security of an account."""

    # At most 40 characters, such as `password.changed`.
    name: str
    label: str
    # Whether it is emailed to the account owner, who may not look at their events (ASVS 5.0
    # 6.3.7). Unless the part that records it sends an email of its own.
    is_mailed: bool = False
    # Whether it is an attempt to act as the account owner. The owner sees where it came from, even
    # if the browser was signed in to another account.
    is_attempt: bool = False


action_kinds: ExtensionPoint[ActionKind] = ExtensionPoint("action_kinds")


def find_action_kind(name: str) -> ActionKind | None:
    return next((kind for kind in action_kinds.items() if kind.name == name), None)


def get_action_kind(name: str) -> ActionKind:
    """Return the kind of an action. Raises LookupError if no part has registered it."""
    kind = find_action_kind(name)
    if kind is None:
        raise LookupError(
            f"The action {name!r} is not registered. Add it to action_kinds in the init_app of "
            "its part (app/audit/actions.py)."
        )
    return kind


class Action(StrEnum):
    """The actions of the parts that cannot be removed."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_RESTORED = "account.restored"
    DEVICE_ADDED = "device.added"
    EMAIL_CHANGED = "email.changed"
    EMAIL_CHANGE_REQUESTED = "email_change.requested"
    EMAIL_CHANGE_UNDONE = "email_change.undone"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGIN_ENDED = "login.ended"
    OTHER_LOGINS_ENDED = "other_logins.ended"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  # nosec B105  # the name of an event
    PASSWORD_RESET = "password.reset"  # noqa: S105  # nosec B105  # the name of an event
    TOKEN_REUSED = "token.reused"  # noqa: S105  # nosec B105  # the name of an event


KINDS = [
    ActionKind(Action.ACCOUNT_CREATED, _("Account created")),
    ActionKind(Action.ACCOUNT_DISABLED, _("Account disabled"), is_mailed=True),
    ActionKind(Action.ACCOUNT_ENABLED, _("Account enabled"), is_mailed=True),
    ActionKind(Action.ACCOUNT_DELETED, _("Account deletion scheduled")),
    ActionKind(Action.ACCOUNT_RESTORED, _("Account deletion canceled")),
    ActionKind(Action.DEVICE_ADDED, _("Signed in on a new device"), is_mailed=True),
    ActionKind(Action.EMAIL_CHANGED, _("Email address changed")),
    ActionKind(Action.EMAIL_CHANGE_REQUESTED, _("Email address change requested")),
    ActionKind(Action.EMAIL_CHANGE_UNDONE, _("Email address change undone"), is_mailed=True),
    ActionKind(Action.LOGIN_SUCCEEDED, _("Signed in")),
    ActionKind(Action.LOGIN_FAILED, _("Sign-in failed"), is_attempt=True),
    ActionKind(Action.LOGIN_ENDED, _("Signed out")),
    ActionKind(Action.OTHER_LOGINS_ENDED, _("Signed out of all other devices")),
    ActionKind(Action.PASSWORD_CHANGED, _("Password changed"), is_mailed=True),
    ActionKind(Action.PASSWORD_RESET, _("Password reset"), is_mailed=True),
    ActionKind(Action.TOKEN_REUSED, _("Stolen sign-in blocked"), is_mailed=True, is_attempt=True),
]
