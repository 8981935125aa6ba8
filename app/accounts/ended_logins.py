"""Void pending requests of a login that has ended: a change of email address, an export (S12).

An attacker with a stolen login may have made them. Signing out and expiry void nothing: these are
the ways in which the account owner leaves.
"""

from sqlalchemy import ColumnElement, delete, or_

from app.accounts.models import CHANGE_EMAIL, Export, MailedLink
from app.application import Application
from app.database import db
from app.sessions.current import token_replaced
from app.sessions.logins import logins_ending
from app.sessions.models import LoginSession


def init_app(app: Application) -> None:
    logins_ending.connect(void_for_ended_logins)
    token_replaced.connect(void_for_replaced_token)


def void_for_ended_logins(user_id: int, *, only: int | None, but: int | None) -> None:
    """Void the requests of these logins, in the unit of work that ends them."""
    for model in (MailedLink, Export):
        conditions = [model.user_id == user_id]
        if only is not None:
            conditions.append(model.login_id == only)
        if but is not None:
            conditions.append(or_(model.login_id.is_(None), model.login_id != but))
        void(model, *conditions)


def void_for_replaced_token(login: LoginSession) -> None:
    """Void the requests of this login: a copy of its cookies may have made them (S11)."""
    void_for_ended_logins(login.user_id, only=login.id, but=None)


def void(model: type[MailedLink] | type[Export], *conditions: ColumnElement[bool]) -> None:
    if model is MailedLink:
        conditions = (*conditions, MailedLink.purpose == CHANGE_EMAIL)
    db.session.execute(delete(model).where(*conditions))
