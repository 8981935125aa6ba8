"""The login sessions of a user, read from the database."""

from sqlalchemy import select

from app.database import db
from app.sessions.models import LoginSession
from app.users.models import User


def find_logins(user: User) -> list[LoginSession]:
    """Return all login sessions of a user, oldest first. Requires an app context."""
    own = select(LoginSession).where(LoginSession.user_id == user.id).order_by(LoginSession.id)
    return list(db.session.scalars(own))
