"""The login sessions of a user, read from the database."""

from sqlalchemy import select

from app.database import db
from app.sessions.models import LoginSession
from app.users.models import User


def find_logins(user: User) -> list[LoginSession]:
    """Return them, the newest last. Needs an application context."""
    mine = select(LoginSession).where(LoginSession.user_id == user.id).order_by(LoginSession.id)
    return list(db.session.scalars(mine))
