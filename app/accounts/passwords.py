"""Give an account a new password, by the old one or by a mailed link."""

from flask import current_app

from app.accounts.links import (
    drop_links,
    find_link,
    get_link,
    make_link,
    may_mail,
    spend_link,
)
from app.accounts.mail import mail_no_account, mail_reset
from app.accounts.models import RESET
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.sessions.current import lock_current_login, replace_token
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.users.hashing import hash_password
from app.users.models import User, normalize_email
from app.users.passwords import require_good_password
from app.users.people import find_user


def ask_for_reset(email: str) -> None:
    """Mail a link that sets a new password, or word that there is no account here.

    Whoever asked sees the same either way and waits as long.
    """
    email = normalize_email(email)
    if not may_mail(RESET, email):
        return
    user = find_user(email)
    token = make_link(RESET, email, current_app.config["RESET_LIFETIME"], user=user)
    if user is None or not user.is_active:
        mail_no_account(email)
    else:
        mail_reset(user, token)


def find_reset(token: str) -> User | None:
    """Return whose password the link would set, without spending it."""
    link = find_link(token, RESET)
    return db.session.get(User, link.user_id) if link and link.user_id else None


def reset_password(token: str, user: User, password: str) -> None:
    """Set a new password and end every login. Raises PasswordRefused and LinkExpired.

    The link is spent last: what was refused may be tried again with the same mail.
    """
    require_good_password(password, email=user.email)
    password_hash = hash_password(password)
    spend_link(get_link(token, RESET))
    set_password(user, password_hash, Action.PASSWORD_RESET)
    end_logins(user)


def change_password(user: User, login: LoginSession | None, password: str) -> None:
    """Set a new password, end every other login, and give this one a new token.

    A copy of its cookies ends at once as well (S11). The hash is computed before the row is
    locked. Raises PasswordRefused, and LoginEnded if this login ended meanwhile.
    """
    require_good_password(password, email=user.email)
    password_hash = hash_password(password)
    user = lock_current_login()
    set_password(user, password_hash, Action.PASSWORD_CHANGED)
    end_logins(user, but=login)
    replace_token()


def set_password(user: User, password_hash: str, action: Action) -> None:
    """Set it, make links in old mails useless, and record it, which also tells the owner."""
    user.password_hash = password_hash
    drop_links(user)
    record(action, user.id)
