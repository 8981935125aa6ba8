"""Authenticate a request by its cookies, and resolve the token in them to a login session."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, request
from flask import session as cookie
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.attributes import set_committed_value

from app.clock import now
from app.crypto.tokens import digest
from app.database import db
from app.sessions.cookies import (
    clear_session,
    remembered_token,
    seen_session,
    set_remember_cookie,
)
from app.sessions.logins import end_login_reused, idle_limit
from app.sessions.models import LoginSession
from app.sessions.request_globals import g
from app.sessions.rotation import confirm_rotation, is_reuse, next_token, rotate_token
from app.unit_of_work import reading, regardless
from app.users.accounts import USABLE
from app.users.models import User

# Names in the cookie session. Flask-Login reads the first.
TOKEN = "_user_id"  # noqa: S105  # nosec B105  # the name of a value
USER_ID = "user_id"

# A write in every request would be expensive. Idle limits are exact to a minute, or to a quarter
# of the limit if that is shorter.
LAST_SEEN_INTERVAL = timedelta(minutes=1)
MIN_UPDATES_PER_LIMIT = 4

# The login session and its user in one indexed query.
_LOGINS = select(LoginSession, User).join(User, User.id == LoginSession.user_id).where(USABLE)
_BY_TOKEN = _LOGINS.where(LoginSession.token_digest == bindparam("digest"))
_BY_PREVIOUS_TOKEN = _LOGINS.where(LoginSession.previous_digest == bindparam("digest"))


class EndReason(enum.Enum):
    """Why a token no longer signs its user in."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    EXPIRED = "expired"
    REUSED = "reused"


@dataclass
class ResolvedLogin:
    login: LoginSession
    user: User


def authenticate_request() -> User | None:
    """Return the user whom the cookies authenticate; a remember cookie alone resumes its login.

    If a token is no longer valid, the reason is stored in `g.end_reason`, for the sign-in page.
    """
    token = seen_session().get(TOKEN)
    if isinstance(token, str):
        found = resolve_token(token)
        if isinstance(found, ResolvedLogin):
            return use_login(found, renew_session_token(found, token), received=token)
        g.end_reason = EndReason.UNKNOWN if found is EndReason.REUSED else found
    token = remembered_token()
    return resume_remembered_login(token) if token else None


def resolve_token(token: str, *, refresh: bool = False) -> ResolvedLogin | EndReason:
    """Return the login session and its user, or why there is none.

    Only the row decides, never the age of a cookie. `refresh` reloads objects that this request
    has loaded before.
    """
    received = digest(token)
    by = {"digest": received}
    options = {"populate_existing": True} if refresh else {}
    found = (
        db.session.execute(_BY_TOKEN, by, execution_options=options).one_or_none()
        or db.session.execute(_BY_PREVIOUS_TOKEN, by, execution_options=options).one_or_none()
    )
    if found is None:
        return EndReason.UNKNOWN
    login, user = found
    moment = now()
    if is_reuse(login, received):
        return EndReason.REUSED
    if moment >= login.expires_at:
        return EndReason.EXPIRED
    if moment >= login.ends_at(idle_limit(remembered=login.remembered)):
        return EndReason.IDLE
    user.login_token = token
    return ResolvedLogin(login, user)


def renew_session_token(found: ResolvedLogin, token: str) -> str:
    """Return the current token, and store it in the cookie session.

    A response that arrives late can overwrite the cookie with the previous token.
    """
    if found.login.token_digest != digest(token):
        cookie[TOKEN] = found.user.login_token = token = next_token(found.login, token)
    return token


def resume_remembered_login(token: str) -> User | None:
    """Resume a login in a new cookie session, with a new token and not reauthenticated."""
    with reading():
        found = resolve_token(token)
    if isinstance(found, EndReason) or not found.login.remembered:
        reject_token(found, token)
        return None
    fresh = rotate_if_possible(found, token)
    set_committed_value(found.login, "authenticated_at", None)
    start_session(found.user, fresh)
    # Tabs restored at once each get a response, and the last cookie must fit the forms of all.
    cookie["csrf_token"] = digest(f"forms of {fresh}").hex()
    set_remember_cookie(fresh, found.login.expires_at)
    g.end_reason = None
    return use_login(found, fresh, received=token)


def start_session(user: User, token: str) -> None:
    """Replace the cookie session by one that holds only this login."""
    clear_session()
    cookie[TOKEN] = user.login_token = token
    cookie[USER_ID] = user.id


def rotate_if_possible(found: ResolvedLogin, token: str) -> str:
    """Return a new token, or the old one, which stays valid, if the database cannot be written."""
    try:
        return rotate_token(found.login, token)
    except (OperationalError, PoolTimeout):
        current_app.logger.warning("a remembered login was resumed without rotating its token")
        return token


def use_login(found: ResolvedLogin, token: str, *, received: str) -> User:
    """Make this the login of the request, and record its use.

    `token` is the current token, `received` the one that the browser sent.
    """
    login, names = found.login, g.itself
    names.login_session, names.user_id = login, login.user_id
    is_behind = renew_remember_cookie(login, token)
    if is_polling():
        names.login_seen_at = login.last_seen_at
    else:
        is_confirmed = received == token and not is_behind
        names.login_seen_at = record_use(login, token, is_confirmed=is_confirmed)
    return found.user


def renew_remember_cookie(login: LoginSession, token: str) -> bool:
    """Send the current token if the remember cookie has the previous one; return whether it has.

    The two cookies differ if a response that set both was lost and only the cookie session was
    renewed since. The previous token would count as stolen after its grace period.
    """
    held = remembered_token() if login.remembered else None
    is_behind = held not in {None, token} and digest(str(held)) == login.previous_digest
    if is_behind:
        set_remember_cookie(token, login.expires_at)
    return is_behind


def reject_token(found: ResolvedLogin | EndReason, token: str) -> None:
    """Store the reason; end the login of a token that was used after it had been replaced."""
    if isinstance(found, EndReason):
        g.end_reason = g.end_reason or found
    if found is EndReason.REUSED:
        g.end_reason = found
        regardless(end_login_reused, token)


def is_polling() -> bool:
    """Return whether a script requests this page on its own, so that the user may be away."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "is_polling", False)


def record_use(login: LoginSession, token: str, *, is_confirmed: bool) -> datetime:
    """Store the time of use in a unit of its own; return when the idle limit started to count.

    `is_confirmed` means that the browser sent this token in each cookie that holds one. Until
    then the previous token stays valid, however many responses are lost.
    """
    is_unconfirmed = login.previous_digest is not None and login.previous_until is None
    if is_confirmed and is_unconfirmed and login.token_digest == digest(token):
        regardless(confirm_rotation, login.id, login.token_digest)
    limit = idle_limit(remembered=login.remembered)
    every = min(LAST_SEEN_INTERVAL, limit / MIN_UPDATES_PER_LIMIT)
    if now() < login.last_seen_at + every:
        return login.last_seen_at
    regardless(update_last_seen, login.id, every)
    return now()


def update_last_seen(login_id: int, every: timedelta = timedelta()) -> None:
    """Extend the idle limit, unless another request has done so within `every`."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == login_id, LoginSession.last_seen_at <= now() - every)
        .values(last_seen_at=now())
    )
