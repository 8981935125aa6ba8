"""List the devices of a user."""

from typing import Any

from sqlalchemy import Select, select

from app.sessions.logins import has_ended
from app.sessions.models import LoginSession
from app.users.models import User


def active_logins(user: User, *, but: LoginSession | None) -> Select[Any]:
    """Select the active logins of a user, except `but`, last used first."""
    active = select(LoginSession).where(LoginSession.user_id == user.id, ~has_ended())
    if but is not None:
        active = active.where(LoginSession.id != but.id)
    return active.order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
