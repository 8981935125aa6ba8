"""Find the login that a token names, and judge it by its row alone, never by a cookie's age."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from app.clock import now
from app.crypto.tokens import digest
from app.database import db
from app.sessions.limits import idle_limit
from app.sessions.models import LoginSession
from app.sessions.rotation import confirm_rotation, is_reuse
from app.unit_of_work import regardless
from app.users.accounts import USABLE
from app.users.models import User

# Writing down each request would make reading pages dear; a minute is near enough ...
LAST_SEEN_INTERVAL = timedelta(minutes=1)
# ... unless the limit itself is a matter of minutes.
SEEN_TIMES_A_LIMIT = 4

# Row and person by one indexed query, built once.
_LOGINS = select(LoginSession, User).join(User, User.id == LoginSession.user_id).where(USABLE)
_BY_TOKEN = _LOGINS.where(LoginSession.token_digest == bindparam("digest"))
_BY_PREVIOUS_TOKEN = _LOGINS.where(LoginSession.previous_digest == bindparam("digest"))


class EndReason(enum.Enum):
    """Why somebody who brought a token is not signed in."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    EXPIRED = "expired"
    REUSED = "reused"


@dataclass
class ResolvedLogin:
    login: LoginSession
    user: User


def resolve_token(token: str, *, refresh: bool = False) -> ResolvedLogin | EndReason:
    """Return the login and its user, or why there is none.

    With `refresh`, objects that this request has loaded before take the values that the rows have
    now.
    """
    by = {"digest": digest(token)}
    options = {"populate_existing": refresh}
    found = (
        db.session.execute(_BY_TOKEN, by, execution_options=options).one_or_none()
        or db.session.execute(_BY_PREVIOUS_TOKEN, by, execution_options=options).one_or_none()
    )
    if found is None:
        return EndReason.UNKNOWN
    login, user = found
    if is_reuse(login, token):
        return EndReason.REUSED
    if now() >= login.expires_at:
        return EndReason.EXPIRED
    if now() >= login.ends_at(idle_limit(remembered=login.remembered)):
        return EndReason.IDLE
    user.login_token = token
    return ResolvedLogin(login, user)


def record_use(login: LoginSession, token: str, *, has_arrived: bool) -> datetime:
    """Write down that the login is in use, at most once a minute and in a unit of its own.

    `has_arrived` says that the browser sent this token in every cookie that holds one. Until then
    the token before it stays good, however many answers are lost. Return the time from which the
    idle limit now counts.
    """
    is_unconfirmed = login.previous_digest is not None and login.previous_until is None
    if has_arrived and is_unconfirmed and login.token_digest == digest(token):
        regardless(confirm_rotation, login.id, login.token_digest)
    limit = idle_limit(remembered=login.remembered)
    every = min(LAST_SEEN_INTERVAL, limit / SEEN_TIMES_A_LIMIT)
    if now() < login.last_seen_at + every:
        return login.last_seen_at
    regardless(update_last_seen, login.id, every)
    return now()


def update_last_seen(login_id: int, every: timedelta = timedelta()) -> None:
    """Move the idle limit, unless another request has done so within `every`; never back."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == login_id, LoginSession.last_seen_at <= now() - every)
        .values(last_seen_at=now())
    )
