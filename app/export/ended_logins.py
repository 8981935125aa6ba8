"""Void the exports of a login that has ended (S12): an attacker may have requested them."""

from sqlalchemy import delete

from app.application import Application
from app.database import db
from app.export.models import Export
from app.sessions.current import token_replaced
from app.sessions.logins import logins_ending, of_ended_logins
from app.sessions.models import LoginSession


def init_app(app: Application) -> None:
    logins_ending.connect(void_for_ended_logins)
    token_replaced.connect(void_for_replaced_token)


def void_for_ended_logins(user_id: int, *, only: int | None, but: int | None) -> None:
    """Void the exports of these logins, in the unit of work that ends them."""
    exports = of_ended_logins(Export, user_id, only=only, but=but)
    db.session.execute(delete(Export).where(exports))


def void_for_replaced_token(login: LoginSession) -> None:
    """Void the exports of this login: a copy of its cookies may have requested them (S11)."""
    void_for_ended_logins(login.user_id, only=login.id, but=None)
