"""Create and end login sessions. A cookie is valid only as long as the row of its token exists.

Logins have two limits: a total lifetime and an idle limit (NIST SP 800-63B-4, 2.2.3).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from blinker import Namespace
from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select

from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.crypto.tokens import digest, make_token
from app.database import db, table_of
from app.sessions.models import MAX_IP_ADDRESS_LENGTH, MAX_USER_AGENT_LENGTH, LoginSession
from app.unit_of_work.batches import delete_in_batches
from app.users.models import User

# Sent with the id of a user, and `only` or `but` (the id of a login), before logins are ended on
# purpose, so that what other parts store about those devices ends in the same unit of work.
logins_ending = Namespace().signal("logins-ending")

_logins = table_of(LoginSession)
_DELETE_BY_NONCE = (
    delete(_logins)
    .where(
        _logins.c.user_id == bindparam("user_id"),
        _logins.c.sign_in_nonce_digest == bindparam("nonce_digest"),
    )
    .returning(_logins.c.id)
)


def setting(name: str) -> timedelta:
    """Return a setting that is a duration."""
    duration: timedelta = current_app.config[name]
    return duration


def lifetime(*, remembered: bool) -> timedelta:
    """Return how long a login lasts at most."""
    return setting("REMEMBERED_LIFETIME" if remembered else "SESSION_LIFETIME")


def idle_limit(*, remembered: bool) -> timedelta:
    """Return after how long without use a login ends."""
    return setting("REMEMBERED_IDLE_LIMIT" if remembered else "SESSION_IDLE_LIMIT")


def begin_login(
    user: User,
    *,
    user_agent: str,
    address: str,
    remembered: bool,
    sign_in_nonce: str | None = None,
) -> tuple[LoginSession, str]:
    """Add a login session; return it and the token for its cookies.

    `sign_in_nonce` identifies the visitor's cookie session that the sign-in came from.
    """
    token = make_token()
    login = LoginSession(
        token_digest=digest(token),
        user_id=user.id,
        user_agent=user_agent[:MAX_USER_AGENT_LENGTH],
        address=address[:MAX_IP_ADDRESS_LENGTH],
        remembered=remembered,
        sign_in_nonce_digest=digest(sign_in_nonce) if sign_in_nonce else None,
        expires_at=now() + lifetime(remembered=remembered),
    )
    db.session.add(login)
    db.session.flush()
    return login, token


def end_logins_by_tokens(tokens: Iterable[object]) -> bool:
    """End the logins of these tokens; return whether there were any."""
    digests = [digest(token) for token in tokens if isinstance(token, str)]
    if not digests:
        return False
    named = LoginSession.token_digest.in_(digests) | LoginSession.previous_digest.in_(digests)
    return _delete_where(named)


def end_logins(user: User, *, but: LoginSession | None = None) -> int:
    """End all logins of a user, except `but`; return how many ended."""
    _lock_owner(user.id)
    logins_ending.send(user.id, only=None, but=but.id if but is not None else None)
    statement = delete(LoginSession).where(LoginSession.user_id == user.id)
    if but is not None:
        statement = statement.where(LoginSession.id != but.id)
    return len(db.session.execute(statement.returning(LoginSession.id)).all())


def end_login_reused(token: str) -> None:
    """End the login whose replaced token was used again: two browsers hold it, one of a thief."""
    reused = select(LoginSession).where(LoginSession.previous_digest == digest(token))
    for login in db.session.scalars(reused).all():
        if end_login(login):
            record(Action.TOKEN_REUSED, login.user_id)
    current_app.logger.warning("a replaced token was used again; its login was ended")


def end_login(login: LoginSession) -> bool:
    """End one login; return whether it had not ended yet."""
    _lock_owner(login.user_id)
    logins_ending.send(login.user_id, only=login.id, but=None)
    return _delete_where(LoginSession.id == login.id)


def of_ended_logins(
    model: Any, user_id: int, *, only: int | None, but: int | None
) -> ColumnElement[bool]:
    """Return the condition for rows of the ended logins, for a listener of `logins_ending`.

    `model` has the columns `user_id` and `login_id`. A row without a login counts as one of them,
    unless a single login ended.
    """
    owned: ColumnElement[bool] = model.user_id == user_id
    if only is not None:
        return and_(owned, model.login_id == only)
    if but is not None:
        return and_(owned, or_(model.login_id.is_(None), model.login_id != but))
    return owned


def _lock_owner(user_id: int) -> None:
    """Lock the row of the user, so that requests of this login wait and find that it has ended.

    Otherwise a request could commit between `logins_ending` and the deletion of the row.
    """
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update())


def end_login_by_nonce(user: User, sign_in_nonce: str | None) -> bool:
    """End the login that came from the same cookie session; return whether there was one.

    This happens if the form is submitted twice: the browser keeps the cookies of the later
    response.
    """
    by = {"user_id": user.id, "nonce_digest": digest(sign_in_nonce or "")}
    return sign_in_nonce is not None and bool(db.session.execute(_DELETE_BY_NONCE, by).all())


def has_login_by_nonce(user: User, sign_in_nonce: str | None) -> bool:
    """Return whether this cookie session has already led to a login of this user."""
    found = select(LoginSession.id).where(
        LoginSession.user_id == user.id,
        LoginSession.sign_in_nonce_digest == digest(sign_in_nonce or ""),
    )
    return sign_in_nonce is not None and db.session.scalar(found) is not None


def _delete_where(condition: ColumnElement[bool]) -> bool:
    ended = delete(LoginSession).where(condition).returning(LoginSession.id)
    return bool(db.session.scalars(ended).all())


def find_login(user: User, login_id: int) -> LoginSession | None:
    """Return the login with this id if it belongs to the user, else None."""
    login = db.session.get(LoginSession, login_id)
    return login if login is not None and login.user_id == user.id else None


def prune_logins() -> int:
    """Delete the rows of logins that have ended; return how many.

    One condition after the other, because each has an index of its own.
    """
    return sum(delete_in_batches(LoginSession, ended) for ended in end_conditions())


def has_ended() -> ColumnElement[bool]:
    """Return the condition that a login is past its lifetime or its idle limit."""
    return or_(*end_conditions())


def end_conditions() -> list[ColumnElement[bool]]:
    idle = [
        and_(
            LoginSession.remembered.is_(remembered),
            LoginSession.last_seen_at <= now() - idle_limit(remembered=remembered),
        )
        for remembered in (True, False)
    ]
    return [LoginSession.expires_at <= now(), *idle]
