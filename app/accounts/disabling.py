"""Disable and enable an account, by a command or by staff."""

from app.audit.actions import Action
from app.audit.trail import Detail, record
from app.sessions.logins import end_logins
from app.users.accounts import disable_user, enable_user
from app.users.models import User


def disable_account(user: User, **details: Detail) -> int:
    """Disable an account, end all its logins, and return how many ended. The data is kept.

    Its mailed links have no effect from now on (S12). `details` are recorded with the event. The
    caller has locked the user. Raises AccountRequired.
    """
    disable_user(user)
    record(Action.ACCOUNT_DISABLED, user.id, **details)
    return end_logins(user)


def enable_account(user: User, **details: Detail) -> None:
    """Let the user sign in again. `details` are recorded with the event."""
    enable_user(user)
    record(Action.ACCOUNT_ENABLED, user.id, **details)
