"""Reset a forgotten password by a mailed link."""

from flask import current_app
from sqlalchemy import bindparam, exists, select

from app.accounts.links import (
    claim_email_slot,
    find_link,
    lock_link,
    replace_link,
    use_link,
)
from app.accounts.mail import mail_no_account, mail_reset, mail_unusable
from app.accounts.models import RESET
from app.accounts.password_change import hash_new_password, set_password
from app.audit.actions import Action
from app.database import db
from app.sessions.logins import end_logins
from app.users.models import User, normalize_email
from app.users.scheduled_deletions import Deletion

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
