"""Reset a forgotten password by a mailed link."""

from contextlib import suppress

from sqlalchemy import bindparam, select

from app.accounts.links import (
    EmailWithheld,
    LinkKind,
    claim_email_slot,
    find_link,
    replace_link,
    use_link,
)
from app.accounts.mail import mail_no_account, mail_reset, mail_unusable
from app.accounts.models import RESET, MailedLink
from app.accounts.password_change import hash_new_password, set_password
from app.audit.actions import Action
from app.database import db
from app.sessions.logins import end_logins
from app.users.accounts import USABLE, is_usable
from app.users.models import User, normalize_email

# One statement, whether or not there is an account (A2). The lock is that of a row which refers to
# the user, such as the link.
_ACCOUNT = (
    select(User, USABLE)
    .where(User.email == bindparam("email"))
    .with_for_update(read=True, key_share=True, of=User)
)


def request_reset(email: str, next_url: str | None = None) -> None:
    """Send a link to set a new password, or a message that says why there is none.

    If none may be sent now, send nothing: the response to a visitor must not depend on it (A2).
    """
    with suppress(EmailWithheld):
        write_reset_email(email, next_url)


def write_reset_email(email: str, next_url: str | None = None) -> None:
    """Write the email with the link, or raise EmailWithheld, which says why to staff.

    All cases do the same work, so the response does not reveal which addresses have an account
    (A2). The links in the emails lead on to `next_url`. The user is locked before the slot, as by
    staff who send a reset: of two requests in different orders, PostgreSQL ends one.
    """
    email = normalize_email(email)
    account = db.session.execute(_ACCOUNT, {"email": email}).one_or_none()
    user, has_usable_account = account or (None, False)
    claim_email_slot(RESET, email)
    token = make_reset_link(email, user)
    if user is None:
        mail_no_account(email, next_url)
    elif not has_usable_account:
        mail_unusable(user, next_url)
    else:
        mail_reset(user, token, next_url)


def make_reset_link(email: str, user: User | None) -> str:
    """Return the token of a new link that sets a password."""
    return replace_link(RESET_LINK, email, user=user)


def find_reset(token: str) -> User | None:
    """Return the user whose password the link sets, or None. Does not use the link up."""
    link = find_link(token, RESET_LINK)
    return db.session.get(User, link.user_id) if link else None


def reset_password(token: str, email: str, password: str) -> None:
    """Set a new password and end every login.

    Raises PasswordRefused (the link stays valid) and LinkExpired.
    """
    use_link(token, RESET_LINK, hash_new_password(password, email))


def replace_password(link: MailedLink, password_hash: str) -> None:
    user = db.session.get_one(User, link.user_id)
    set_password(user, password_hash, Action.PASSWORD_RESET)
    end_logins(user)


RESET_LINK = LinkKind(RESET, "RESET_LIFETIME", use=replace_password, works_for=is_usable)
