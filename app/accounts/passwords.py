"""Change a password, or reset it by a mailed link."""

from flask import current_app
from sqlalchemy import bindparam, exists, select

from app.accounts.links import (
    claim_email_slot,
    delete_links,
    find_link,
    lock_link,
    replace_link,
    use_link,
)
from app.accounts.mail import mail_no_account, mail_reset, mail_unusable
from app.accounts.models import RESET
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.sessions.current import replace_token
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.users.accounts import password_changed
from app.users.deletions import Deletion
from app.users.hashing import hash_password
from app.users.models import User, normalize_email
from app.users.passwords import require_good_password

# One statement, whether or not there is an account (A2).
_ACCOUNT = select(User, exists().where(Deletion.user_id == User.id)).where(
    User.email == bindparam("email")
)


def request_reset(email: str) -> None:
    """Send a link to set a new password, or a message that says why there is none.

    All cases do the same work, so the response does not reveal which addresses have an account
    (A2).
    """
    email = normalize_email(email)
    if not claim_email_slot(RESET, email):
        return
    account = db.session.execute(_ACCOUNT, {"email": email}).one_or_none()
    user, is_to_be_deleted = account or (None, False)
    token = make_reset_link(email, user)
    if user is None:
        mail_no_account(email)
    elif is_to_be_deleted or not user.is_active:
        mail_unusable(user)
    else:
        mail_reset(user, token)


def make_reset_link(email: str, user: User | None) -> str:
    """Return the token of a new link that sets a password."""
    return replace_link(RESET, email, current_app.config["RESET_LIFETIME"], user=user)


def find_reset(token: str) -> User | None:
    """Return the user whose password the link sets, or None. Does not use the link up."""
    link = find_link(token, RESET)
    return db.session.get(User, link.user_id) if link else None


def reset_password(token: str, email: str, password: str) -> None:
    """Set a new password and end every login.

    Raises PasswordRefused (the link stays valid) and LinkExpired.
    """
    password_hash = hash_new_password(password, email)
    link = lock_link(token, RESET)
    user = db.session.get_one(User, link.user_id)
    use_link(link)
    set_password(user, password_hash, Action.PASSWORD_RESET)
    end_logins(user)


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
