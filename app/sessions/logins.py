"""Begin and end logins. A login is its row; without it, every cookie that names it is dead."""

from collections.abc import Iterable

from blinker import Namespace
from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select

from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.crypto.tokens import digest, make_token
from app.database import db, table_of
from app.sessions.limits import idle_limit, lifetime
from app.sessions.models import MAX_IP_ADDRESS_LENGTH, MAX_USER_AGENT_LENGTH, LoginSession
from app.unit_of_work.batches import delete_in_batches
from app.users.models import User

# Sent before somebody's logins are ended on purpose, with what else was given to end_logins() or
# end_login(), so that what a part keeps about those devices ends in the same unit.
logins_ending = Namespace().signal("logins-ending")

_logins = table_of(LoginSession)
_END_OF_VISIT = (
    delete(_logins)
    .where(
        _logins.c.user_id == bindparam("person"),
        _logins.c.sign_in_nonce_digest == bindparam("visit"),
    )
    .returning(_logins.c.id)
)


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
        user_agent=user_agent[:MAX_USER_AGENT_LENGTH],
        address=address[:MAX_IP_ADDRESS_LENGTH],
        remembered=remembered,
        sign_in_nonce_digest=digest(visit) if visit else None,
        expires_at=now() + lifetime(remembered=remembered),
    )
    db.session.add(login)
    db.session.flush()
    return login, token


def end_logins_named(tokens: Iterable[object]) -> bool:
    """End the logins that these tokens name; return whether any had not ended yet."""
    digests = [digest(token) for token in tokens if isinstance(token, str)]
    if not digests:
        return False
    named = LoginSession.token_digest.in_(digests) | LoginSession.previous_digest.in_(digests)
    return end_where(named)


def end_logins(user: User, *, but: LoginSession | None = None) -> int:
    """End all of a person's logins, `but` one if it is given; return how many ended."""
    _lock_owner(user.id)
    logins_ending.send(user.id, only=None, but=but.id if but is not None else None)
    statement = delete(LoginSession).where(LoginSession.user_id == user.id)
    if but is not None:
        statement = statement.where(LoginSession.id != but.id)
    return len(db.session.execute(statement.returning(LoginSession.id)).all())


def end_login_reused(token: str) -> None:
    """End the login whose replaced token was used again: one of the two who hold it is a thief."""
    reused = select(LoginSession).where(LoginSession.previous_digest == digest(token))
    for login in db.session.scalars(reused).all():
        if end_login(login):
            record(Action.TOKEN_REUSED, login.user_id)
    current_app.logger.warning("a replaced token was used again; its login was ended")


def end_login(login: LoginSession) -> bool:
    """End one login; return whether it had not ended yet."""
    _lock_owner(login.user_id)
    logins_ending.send(login.user_id, only=login.id, but=None)
    return end_where(LoginSession.id == login.id)


def _lock_owner(user_id: int) -> None:
    """Have what a login asks for meanwhile wait, and find that the login has ended.

    Otherwise it could be saved after what it asked for was voided, and before its row is deleted.
    """
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update())


def end_login_by_nonce(user: User, visit: str | None) -> bool:
    """End what this person began out of this visit; return whether they had.

    The form was sent twice then, and the later answer is the one that the browser keeps.
    """
    begun = {"person": user.id, "visit": digest(visit or "")}
    return visit is not None and bool(db.session.execute(_END_OF_VISIT, begun).all())


def has_login_by_nonce(user: User, visit: str | None) -> bool:
    """Return whether this person has signed in out of this visit already."""
    begun = (
        LoginSession.user_id == user.id,
        LoginSession.sign_in_nonce_digest == digest(visit or ""),
    )
    found = select(LoginSession.id).where(*begun)
    return visit is not None and db.session.scalar(found) is not None


def end_where(*conditions: ColumnElement[bool]) -> bool:
    ended = delete(LoginSession).where(*conditions).returning(LoginSession.id)
    return bool(db.session.scalars(ended).all())


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
