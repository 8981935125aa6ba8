"""Change an email address: confirmed at the new address, stopped or undone from the old one."""

from sqlalchemy import delete, select

from app.accounts.links import (
    DOUBLE_CLICK,
    LinkKind,
    delete_links,
    make_link,
)
from app.accounts.mail import (
    mail_already_registered,
    mail_change_requested,
    mail_confirm_new_email,
    mail_email_changed,
)
from app.accounts.models import CHANGE_EMAIL, KEEP_EMAIL, MailedLink
from app.accounts.password_reset import make_reset_link
from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.database import db
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.users.accounts import EmailTaken, find_user, is_usable
from app.users.models import User, normalize_email
from app.users.scheduled_deletions import cancel_deletion


def request_email_change(user: User, login: LoginSession | None, email: str) -> None:
    """Send the new address a link to confirm, and the current address a link to keep it.

    If the new address has an account, its owner is told so instead, and the page looks the same
    (A2). A newer request replaces an older one. The request is void once its login has ended
    (ended_logins.py). The caller has locked the user, and requests the commit.
    """
    email = normalize_email(email)
    if is_double_click(user, login, email):
        return
    delete_pending_change(user)
    confirm = make_link(EMAIL_CHANGE_LINK, email, user=user, login=login)
    lifetime = EMAIL_CHANGE_LINK.current_lifetime
    keep = make_link(EMAIL_UNDO_LINK, user.email, user=user, lifetime=lifetime)
    owner = find_user(email)
    if owner is None:
        mail_confirm_new_email(user, email, confirm)
    else:
        mail_already_registered(owner)
    mail_change_requested(user, email, keep)
    record(Action.EMAIL_CHANGE_REQUESTED, user.id)


def is_double_click(user: User, login: LoginSession | None, email: str) -> bool:
    """Return whether this login made the same request within DOUBLE_CLICK."""
    same = select(MailedLink.id).where(
        MailedLink.user_id == user.id,
        MailedLink.login_id == (login.id if login else None),
        MailedLink.purpose == CHANGE_EMAIL,
        MailedLink.email == email,
        MailedLink.created_at > now() - DOUBLE_CLICK,
    )
    return db.session.scalar(same) is not None


def delete_pending_change(user: User) -> None:
    pending = MailedLink.purpose == CHANGE_EMAIL
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == user.id, pending))


def change_email(link: MailedLink) -> None:
    """Change the email address, and send the old one a link to undo it.

    Raises EmailTaken if the new address has an account by now.
    """
    if find_user(link.email) is not None:
        raise EmailTaken(link.email)
    user = db.session.get_one(User, link.user_id)
    old_email, user.email = user.email, link.email
    delete_links(user)
    undo = make_link(EMAIL_UNDO_LINK, old_email, user=user)
    record(Action.EMAIL_CHANGED, user.id)
    mail_email_changed(user, old_email, undo)


def keep_email(link: MailedLink) -> str:
    """Stop or undo a change of email address, end every login, and return a reset token.

    The link was sent to the address the account had when the change was requested. An attacker
    who controls the account cannot block it: another change, a new password or a deletion leave
    it valid. It deletes every later link, including those that would repeat the change. Raises
    EmailTaken if the address has another account by now.
    """
    user = db.session.get_one(User, link.user_id)
    owner = find_user(link.email)
    if owner is not None and owner.id != user.id:
        raise EmailTaken(link.email)
    email, user.email = link.email, link.email
    delete_links(user)
    delete_links_since(link)
    if cancel_deletion(user):
        record(Action.ACCOUNT_RESTORED, user.id)
    end_logins(user)
    record(Action.EMAIL_CHANGE_UNDONE, user.id)
    return make_reset_link(email, user)


def delete_links_since(link: MailedLink) -> None:
    """Delete this link and all later links of its account."""
    since = MailedLink.id >= link.id
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == link.user_id, since))


def is_enabled(user: User | None) -> bool:
    """Return whether the account is not disabled. It may be scheduled for deletion.

    Otherwise an attacker could block the link that keeps the address by deleting the account.
    """
    return user is not None and user.is_active


EMAIL_CHANGE_LINK = LinkKind(
    CHANGE_EMAIL, "CONFIRM_LIFETIME", use=change_email, works_for=is_usable
)
EMAIL_UNDO_LINK = LinkKind(KEEP_EMAIL, "EMAIL_UNDO_LIFETIME", use=keep_email, works_for=is_enabled)
