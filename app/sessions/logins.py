"""Begin and end logins. A login is its row; without it, every cookie that names it is dead."""

from collections.abc import Iterable

from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, or_, select

from app.audit.actions import Action
from app.audit.trail import record
from app.batches import delete_in_batches
from app.clock import now
from app.database import db
from app.sessions.limits import idle_limit, lifetime
from app.sessions.models import LONGEST_ADDRESS, LONGEST_USER_AGENT, LoginSession
from app.tokens import digest, make_token
from app.users.models import User


def begin_login(
    user: User, *, user_agent: str, address: str, remembered: bool, visit: str | None = None
) -> tuple[LoginSession, str]:
    """Record that somebody signed in on a device; return that and the token for its cookies.

    `visit` names the cookie session that they came out of.
    """
    token = make_token()
    login = LoginSession(
        token_digest=digest(token),
        user_id=user.id,
        user_agent=user_agent[:LONGEST_USER_AGENT],
        address=address[:LONGEST_ADDRESS],
        remembered=remembered,
        visit_digest=digest(visit) if visit else None,
        expires_at=now() + lifetime(remembered=remembered),
    )
    db.session.add(login)
    db.session.flush()
    return login, token


def end_logins_named(tokens: Iterable[object]) -> bool:
    """End the logins that these tokens name; return whether any had not ended yet."""
    digests = [digest(token) for token in tokens if isinstance(token, str)]
    named = or_(LoginSession.token_digest.in_(digests), LoginSession.previous_digest.in_(digests))
    return bool(digests) and end_where(named)


def end_logins(user: User, *, but: LoginSession | None = None) -> int:
    """End all of a person's logins, `but` one if it is given; return how many ended."""
    statement = delete(LoginSession).where(LoginSession.user_id == user.id)
    if but is not None:
        statement = statement.where(LoginSession.id != but.id)
    return len(db.session.execute(statement.returning(LoginSession.id)).all())


def end_login_reused(token: str) -> None:
    """End the login whose replaced token was used again: one of the two who hold it is a thief."""
    ended = delete(LoginSession).where(LoginSession.previous_digest == digest(token))
    for user_id in db.session.scalars(ended.returning(LoginSession.user_id)).all():
        record(Action.TOKEN_REUSED, user_id)
    current_app.logger.warning("a replaced token was used again; its login was ended")


def end_login(login_id: int) -> bool:
    """End one login; return whether it had not ended yet."""
    return end_where(LoginSession.id == login_id)


def end_login_of_visit(user: User, visit: str | None) -> bool:
    """End what this person began out of this visit; return whether they had.

    The form was sent twice then, and the later answer is the one that the browser keeps.
    """
    begun = (LoginSession.user_id == user.id, LoginSession.visit_digest == digest(visit or ""))
    return visit is not None and end_where(*begun)


def end_where(*conditions: ColumnElement[bool]) -> bool:
    ended = delete(LoginSession).where(*conditions).returning(LoginSession.id)
    return bool(db.session.scalars(ended).all())


def find_logins(user: User) -> list[LoginSession]:
    """Return a person's logins that still hold, the last used first."""
    return list(
        db.session.scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user.id, ~has_ended())
            .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
        )
    )


def find_login(user: User, login_id: int) -> LoginSession | None:
    """Return one of a person's own logins, or None."""
    login = db.session.get(LoginSession, login_id)
    return login if login is not None and login.user_id == user.id else None


def prune_logins() -> int:
    """Remove the rows of logins that have ended; return how many there were.

    One limit after the other, so that each finds its rows by an index of its own.
    """
    return sum(delete_in_batches(LoginSession, ended) for ended in endings())


def has_ended() -> ColumnElement[bool]:
    """Return the condition under which a row is past one of its two limits."""
    return or_(*endings())


def endings() -> list[ColumnElement[bool]]:
    """Return each of the conditions under which a login has ended."""
    left_alone = [
        and_(
            LoginSession.remembered.is_(remembered),
            LoginSession.last_seen_at <= now() - idle_limit(remembered=remembered),
        )
        for remembered in (True, False)
    ]
    return [LoginSession.expires_at <= now(), *left_alone]
