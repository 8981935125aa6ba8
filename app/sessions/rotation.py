"""Resume a login by its remember cookie, with a new token each time.

Whoever copies the cookie and whoever owns it then hold different tokens, and the one who comes
second gives the copy away (OWASP: token reuse). Browsers ask for several pages at once and lose
answers, so that the old token stays good until the new one has been seen, and shortly after.
"""

from datetime import timedelta

from sqlalchemy import update

from app.clock import now
from app.database import db
from app.sessions.models import LoginSession
from app.tokens import digest, make_token
from app.unit_of_work import unit_of_work

# After the new token was seen: what other tabs had already sent arrives within this.
GRACE = timedelta(minutes=1)
# While the new token was not seen: whoever still comes with the old one after this never got it.
LOST_AFTER = timedelta(seconds=10)


def rotate(login: LoginSession, token: str) -> str | None:
    """Give a login a new token; return it, or None if another request has just done so.

    The row itself decides between requests that come at once: only one finds it unchanged.
    """
    fresh = make_token()
    with unit_of_work():
        changed = db.session.execute(
            update(LoginSession)
            .where(
                LoginSession.id == login.id,
                LoginSession.token_digest == login.token_digest,
                LoginSession.rotated_at.is_not_distinct_from(login.rotated_at),
            )
            .values(
                token_digest=digest(fresh),
                previous_digest=digest(token),
                previous_until=None,
                rotated_at=now(),
                proved_at=None,
            )
            .returning(LoginSession.id)
        )
        won = changed.one_or_none() is not None
    return fresh if won else None


def is_due(login: LoginSession, token: str) -> bool:
    """Return whether this token, good as it is, is to be replaced now."""
    if login.token_digest == digest(token):
        return True
    was_lost = login.previous_until is None
    return was_lost and login.rotated_at is not None and now() > login.rotated_at + LOST_AFTER


def is_reuse(login: LoginSession, token: str) -> bool:
    """Return whether a token is used that its owner's browser has replaced long ago."""
    is_previous = login.previous_digest == digest(token)
    return is_previous and login.previous_until is not None and now() > login.previous_until


def confirm(login_id: int, seen: bytes) -> None:
    """Note that the new token has reached its owner; from now on the old one soon ends."""
    db.session.execute(
        update(LoginSession)
        .where(
            LoginSession.id == login_id,
            LoginSession.token_digest == seen,
            LoginSession.previous_until.is_(None),
        )
        .values(previous_until=now() + GRACE)
    )
