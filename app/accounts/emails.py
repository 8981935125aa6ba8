"""Change the address of an account: the new one has to answer, the old one is told."""

from flask import current_app

from app.accounts.links import drop_links, get_link, make_link, may_mail, spend_link
from app.accounts.mail import (
    mail_already_registered,
    mail_confirm_new_email,
    mail_email_changed,
)
from app.accounts.models import CHANGE_EMAIL
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.users.models import User, normalize_email
from app.users.people import EmailTaken, find_user


def ask_to_change_email(user: User, email: str) -> None:
    """Mail the new address a link that makes the change, or word that it has an account already.

    Whoever asked sees the same either way: this page tells nobody who has an account.
    """
    email = normalize_email(email)
    if not may_mail(CHANGE_EMAIL, email):
        return
    token = make_link(CHANGE_EMAIL, email, current_app.config["CONFIRM_LIFETIME"], user=user)
    owner = find_user(email)
    if owner is None:
        mail_confirm_new_email(user, email, token)
    else:
        mail_already_registered(owner)


def change_email(token: str) -> User:
    """Make the change. Raises LinkExpired, and EmailTaken if somebody else was faster."""
    link = get_link(token, CHANGE_EMAIL)
    if find_user(link.email) is not None:
        raise EmailTaken(link.email)
    spend_link(link)
    user = db.session.get_one(User, link.user_id)
    former, user.email = user.email, link.email
    drop_links(user)
    record(Action.EMAIL_CHANGED, user.id)
    mail_email_changed(user, former)
    return user
