"""Change the address of an account: the new one confirms it, the old one can stop or undo it."""

from flask import current_app
from sqlalchemy import delete, select

from app.accounts.links import DOUBLE_CLICK, delete_links, lock_link, make_link, use_link
from app.accounts.mail import (
    mail_already_registered,
    mail_change_requested,
    mail_confirm_new_email,
    mail_email_changed,
)
from app.accounts.models import CHANGE_EMAIL, KEEP_EMAIL, MailedLink
from app.accounts.passwords import make_reset
from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.database import db
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.users.accounts import EmailTaken, find_user
from app.users.deletions import cancel_deletion
from app.users.models import User, normalize_email


def request_email_change(user: User, login: LoginSession | None, email: str) -> None:
    """Mail the new address a link that makes the change, and the present one a link against it.

    An address that has an account is told so instead, and the page looks the same (A2). Only the
    newest request of an account is open, and it is void once its login has ended (pending.py).
    The caller has locked the user, and asks for the commit.
    """
    email = normalize_email(email)
    if is_double_click(user, login, email):
        return
    drop_pending_change(user)
    lifetime = current_app.config["CONFIRM_LIFETIME"]
    confirm = make_link(CHANGE_EMAIL, email, lifetime, user=user, login=login)
    keep = make_link(KEEP_EMAIL, user.email, lifetime, user=user)
    owner = find_user(email)
    if owner is None:
        mail_confirm_new_email(user, email, confirm)
    else:
        mail_already_registered(owner)
    mail_change_requested(user, email, keep)
    record(Action.EMAIL_CHANGE_REQUESTED, user.id)


def is_double_click(user: User, login: LoginSession | None, email: str) -> bool:
    """Return whether this login asked for the same within a minute; that link still works."""
    same = select(MailedLink.id).where(
        MailedLink.user_id == user.id,
        MailedLink.login_id == (login.id if login else None),
        MailedLink.purpose == CHANGE_EMAIL,
        MailedLink.email == email,
        MailedLink.created_at > now() - DOUBLE_CLICK,
    )
    return db.session.scalar(same) is not None


def drop_pending_change(user: User) -> None:
    pending = MailedLink.purpose == CHANGE_EMAIL
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == user.id, pending))


def change_email(token: str) -> None:
    """Make the change, and mail the former address a link that undoes it.

    Raises LinkExpired, and EmailTaken if the address has an account by now.
    """
    link = lock_link(token, CHANGE_EMAIL)
    if find_user(link.email) is not None:
        raise EmailTaken(link.email)
    user = db.session.get_one(User, link.user_id)
    former, user.email = user.email, link.email
    use_link(link)
    delete_links(user)
    undo = make_link(KEEP_EMAIL, former, current_app.config["EMAIL_UNDO_LIFETIME"], user=user)
    record(Action.EMAIL_CHANGED, user.id)
    mail_email_changed(user, former, undo)


def keep_email(token: str) -> str:
    """Stop a change of address, or undo it, and end every login; return the token of a reset.

    The link goes to the address that an account had when the change was asked for. No one who
    holds the account by then can block it: neither a further change, a new password nor a deletion
    voids it. It voids every later link, among them those that would bring the change back. Raises
    LinkExpired, and EmailTaken if the address has another account by now.
    """
    link = lock_link(token, KEEP_EMAIL)
    user = db.session.get_one(User, link.user_id)
    owner = find_user(link.email)
    if owner is not None and owner.id != user.id:
        raise EmailTaken(link.email)
    email, user.email = link.email, link.email
    delete_links(user)
    drop_links_since(link)
    if cancel_deletion(user):
        record(Action.ACCOUNT_RESTORED, user.id)
    end_logins(user)
    record(Action.EMAIL_CHANGE_UNDONE, user.id)
    return make_reset(email, user)


def drop_links_since(link: MailedLink) -> None:
    """Spend this link, and void those that its account was mailed after it."""
    since = MailedLink.id >= link.id
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == link.user_id, since))
