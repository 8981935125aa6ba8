"""Set a new password: check and hash it, store it, and revoke what the old one granted."""

from app.accounts.links import delete_links
from app.audit.actions import Action
from app.audit.trail import record
from app.sessions.current import replace_token
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.users.accounts import password_changed
from app.users.hashing import hash_password
from app.users.models import User
from app.users.password_policy import require_good_password


def change_password(user: User, login: LoginSession | None, password_hash: str) -> None:
    """Set a new password, end every other login, and rotate the token of this one (S11).

    The rotation invalidates copies of its cookies. The caller has locked the user.
    """
    set_password(user, password_hash, Action.PASSWORD_CHANGED)
    end_logins(user, but=login)
    replace_token()


def hash_new_password(password: str, email: str) -> str:
    """Return the hash of a new password. Raises PasswordRefused.

    Hashing is slow, so call this before a row is locked.
    """
    require_good_password(password, email=email)
    return hash_password(password)


def set_password(user: User, password_hash: str, action: Action) -> None:
    """Store the hash, delete links mailed earlier, and record the event."""
    user.password_hash = password_hash
    delete_links(user)
    password_changed.send(user.id)
    record(action, user.id)
