"""Open an account for the owner of a mailbox, who chooses the password on the page of a link."""

from flask import current_app

from app.accounts.links import claim_email_slot, lock_link, replace_link, use_link
from app.accounts.mail import mail_already_registered, mail_confirmation
from app.accounts.models import REGISTER
from app.accounts.passwords import hash_new_password
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.users.accounts import EmailTaken, add_user, find_user
from app.users.models import User, normalize_email


def register(email: str) -> None:
    """Mail the address a link that opens its account, or word that it has one already.

    Nothing else is kept, so that a request made by a stranger has no effect on the account. The
    same is done and takes as long in either case, so that the answer does not tell which addresses
    have an account (A2).
    """
    email = normalize_email(email)
    if not claim_email_slot(REGISTER, email):
        return
    token = replace_link(REGISTER, email, current_app.config["CONFIRM_LIFETIME"])
    user = find_user(email)
    if user is None:
        mail_confirmation(email, token)
    else:
        mail_already_registered(user)


def confirm_registration(token: str, email: str, password: str) -> User:
    """Open the account of this address with this password, and return it.

    Raises PasswordRefused, LinkExpired, and EmailTaken if another link has opened the account. The
    link is spent last: after a refused password it still works.
    """
    password_hash = hash_new_password(password, email)
    link = lock_link(token, REGISTER)
    if find_user(link.email) is not None:
        raise EmailTaken(link.email)
    use_link(link)
    user = add_user(link.email, password_hash)
    db.session.flush()
    record(Action.ACCOUNT_CREATED, user.id)
    return user
