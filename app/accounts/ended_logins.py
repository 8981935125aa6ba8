"""Void a pending change of email address once the login that requested it has ended (S12).

An attacker with a stolen login may have requested it. Signing out and expiry void nothing: these
are the ways in which the account owner leaves.
"""

from sqlalchemy import delete

from app.accounts.models import CHANGE_EMAIL, MailedLink
from app.application import Application
from app.database import db
from app.sessions.current import token_replaced
from app.sessions.logins import logins_ending, of_ended_logins
from app.sessions.models import LoginSession


def init_app(app: Application) -> None:
    logins_ending.connect(void_for_ended_logins)
    token_replaced.connect(void_for_replaced_token)


def void_for_ended_logins(user_id: int, *, only: int | None, but: int | None) -> None:
    """Void the requests of these logins, in the unit of work that ends them."""
    links = of_ended_logins(MailedLink, user_id, only=only, but=but)
    db.session.execute(delete(MailedLink).where(links, MailedLink.purpose == CHANGE_EMAIL))


def void_for_replaced_token(login: LoginSession) -> None:
    """Void the requests of this login: a copy of its cookies may have made them (S11)."""
    void_for_ended_logins(login.user_id, only=login.id, but=None)
