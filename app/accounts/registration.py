"""Register an account: only the owner of the mailbox can choose the password (A1)."""

from contextlib import suppress

from app.accounts.links import (
    EmailWithheld,
    LinkKind,
    claim_email_slot,
    replace_link,
    use_link,
)
from app.accounts.mail import mail_already_registered, mail_confirmation
from app.accounts.models import REGISTER, MailedLink
from app.accounts.password_change import hash_new_password
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.users.accounts import EmailTaken, add_user, find_user
from app.users.models import User, normalize_email


def request_registration(email: str, next_url: str | None = None) -> None:
    """Send the address a link to create its account, or a message that it already has one.

    If none may be sent now, send nothing: the response to a visitor must not depend on it (A2).
    """
    with suppress(EmailWithheld):
        write_registration_email(email, next_url)


def write_registration_email(email: str, next_url: str | None = None) -> None:
    """Write the email with the link, or raise EmailWithheld, which says why to staff.

    Only the link is stored, so a request made by an attacker has no effect on the account. Both
    cases do the same work, so the response does not reveal which addresses have one (A2). The
    links in both emails lead on to `next_url`.
    """
    email = normalize_email(email)
    claim_email_slot(REGISTER, email)
    token = replace_link(REGISTRATION_LINK, email)
    user = find_user(email)
    if user is None:
        mail_confirmation(email, token, next_url)
    else:
        mail_already_registered(user, next_url)


def confirm_registration(token: str, email: str, password: str) -> User:
    """Create the account with this password, and return its user.

    Raises PasswordRefused (the link stays valid), LinkExpired, and EmailTaken if the address has
    an account by now.
    """
    return use_link(token, REGISTRATION_LINK, hash_new_password(password, email))


def create_account(link: MailedLink, password_hash: str) -> User:
    if find_user(link.email) is not None:
        raise EmailTaken(link.email)
    user = add_user(link.email, password_hash)
    db.session.flush()
    record(Action.ACCOUNT_CREATED, user.id)
    return user


REGISTRATION_LINK = LinkKind(REGISTER, "CONFIRM_LIFETIME", use=create_account)
