"""Begin and end logins. A login is its row; without it, every cookie that names it is dead."""

from collections.abc import Iterable
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete

from app.clock import now
from app.database import db
from app.sessions.models import LONGEST_ADDRESS, LONGEST_USER_AGENT, LoginSession
from app.tokens import digest, make_token
from app.users.models import User


def begin_login(user: User, *, user_agent: str, address: str, remembered: bool) -> str:
    """Record that somebody signed in on a device; return the token its cookies will carry."""
    token = make_token()
    db.session.add(
        LoginSession(
            token_digest=digest(token),
            user_id=user.id,
            user_agent=user_agent[:LONGEST_USER_AGENT],
            address=address[:LONGEST_ADDRESS],
            remembered=remembered,
            expires_at=now() + lifetime(remembered=remembered),
        )
    )
    return token


def end_logins_named(tokens: Iterable[object]) -> None:
    """End the logins that these tokens name; what is no token of ours ends nothing."""
    digests = [digest(token) for token in tokens if isinstance(token, str)]
    if digests:
        db.session.execute(delete(LoginSession).where(LoginSession.token_digest.in_(digests)))


def end_logins(user: User, *, but: LoginSession | None = None) -> int:
    """End all of a person's logins, `but` one if it is given; return how many ended."""
    statement = delete(LoginSession).where(LoginSession.user_id == user.id)
    if but is not None:
        statement = statement.where(LoginSession.id != but.id)
    return len(db.session.execute(statement.returning(LoginSession.id)).all())


def lifetime(*, remembered: bool) -> timedelta:
    """Return how long a login lasts in any case."""
    return _limit("REMEMBERED_LIFETIME" if remembered else "SESSION_LIFETIME")


def idle_limit(*, remembered: bool) -> timedelta:
    """Return how long a login may be left alone."""
    return _limit("REMEMBERED_IDLE_LIMIT" if remembered else "SESSION_IDLE_LIMIT")


def _limit(name: str) -> timedelta:
    limit: timedelta = current_app.config[name]
    return limit
