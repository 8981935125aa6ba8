"""Register an account: only the owner of the mailbox can choose the password (A1)."""

from flask import current_app

from app.accounts.links import claim_email_slot, lock_link, replace_link, use_link
from app.accounts.mail import mail_already_registered, mail_confirmation
from app.accounts.models import REGISTER
from app.accounts.password_change import hash_new_password
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.users.accounts import EmailTaken, add_user, find_user
from app.users.models import User, normalize_email


def request_registration(email: str) -> None:
    """Send the address a link to create its account, or a message that it already has one.

    Only the link is stored, so a request made by an attacker has no effect on the account. Both
    cases do the same work, so the response does not reveal which addresses have one (A2).
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
    """Create the account with this password, and return its user.

    Raises PasswordRefused (the link stays valid), LinkExpired, and EmailTaken if the address has
    an account by now.
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
