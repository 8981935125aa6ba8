"""Open an account for whoever reads the mail that goes to its address."""

from flask import current_app
from sqlalchemy import select

from app.accounts.links import get_link, make_link, may_mail, spend_link
from app.accounts.mail import mail_already_registered, mail_confirmation
from app.accounts.models import REGISTER, MailedLink
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.tokens import digest
from app.users.hashing import hash_password
from app.users.models import User, normalize_email
from app.users.passwords import require_good_password
from app.users.people import EmailTaken, add_user, find_user


def register(email: str, password: str) -> str | None:
    """Mail the address a link that opens its account, or word that it has one already.

    The same is done and takes as long in either case, so that nobody learns here who has an
    account. Return by what register_again() knows it, None for a double click. Raises
    PasswordRefused.
    """
    email = normalize_email(email)
    require_good_password(password, email=email)
    return mail_link(email, hash_password(password))


def register_again(email: str, former: str | None) -> str | None:
    """Mail another link to the account that was asked for, while that can still be opened."""
    named = MailedLink.token_digest == bytes.fromhex(former or "")
    password_hash = db.session.scalar(select(MailedLink.password_hash).where(named))
    return mail_link(email, password_hash) if password_hash else former


def mail_link(email: str, password_hash: str) -> str | None:
    if not may_mail(REGISTER, email):
        return None
    lifetime = current_app.config["CONFIRM_LIFETIME"]
    token = make_link(REGISTER, email, lifetime, password_hash=password_hash)
    user = find_user(email)
    if user is None:
        mail_confirmation(email, token)
    else:
        mail_already_registered(user)
    return digest(token).hex()


def confirm_registration(token: str) -> User:
    """Open the account. Raises LinkExpired, and EmailTaken if it was opened by another link."""
    link = get_link(token, REGISTER)
    if find_user(link.email) is not None or link.password_hash is None:
        raise EmailTaken(link.email)
    spend_link(link)
    user = add_user(link.email, link.password_hash)
    db.session.flush()
    record(Action.ACCOUNT_CREATED, user.id)
    return user
