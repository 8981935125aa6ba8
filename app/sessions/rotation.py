"""Give a login a new token: each time it is resumed by its remember cookie, and at each proof.

Whoever copied a remember cookie and whoever owns it then hold different tokens, and the one who
comes second gives the copy away (OWASP: token reuse). But browsers open many tabs at once and
lose answers. So the next token follows from the one before it by a key that only the row knows:
every tab that comes with the old token is given the same new one, however often it asks, and the
old one stays good until the new one has been seen, and shortly after.
"""

import hmac
from base64 import urlsafe_b64encode

from sqlalchemy import update

from app.clock import now
from app.crypto.tokens import digest, make_key
from app.database import db
from app.sessions.limits import setting
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work


def next_token(login: LoginSession, token: str) -> str:
    """Return the token that follows this one. Who has read the database still lacks the first."""
    following = hmac.digest(login.rotation_key, token.encode(), "sha256")
    return urlsafe_b64encode(following).rstrip(b"=").decode()


def rotate_token(login: LoginSession, token: str) -> str:
    """Replace a token, no longer proved; return its successor, whoever has replaced it first."""
    fresh = next_token(login, token)
    if login.token_digest != digest(fresh):
        with unit_of_work():
            db.session.execute(
                update(LoginSession)
                .where(LoginSession.id == login.id, LoginSession.token_digest == digest(token))
                .values(**rotated_values(token, fresh), authenticated_at=None)
            )
    return fresh


def rotated_values(token: str, fresh: str) -> dict[str, bytes | None]:
    """Return what a row says once `fresh` has taken the place of `token`."""
    return {
        "token_digest": digest(fresh),
        "previous_digest": digest(token),
        "previous_until": None,
    }


def replaced_values(fresh: str) -> dict[str, bytes | None]:
    """Return what a row says once `fresh` is the only token that names it.

    The key is new, so that no holder of the former token can derive the next one.
    """
    return {
        "token_digest": digest(fresh),
        "previous_digest": None,
        "previous_until": None,
        "rotation_key": make_key(),
    }


def is_reuse(login: LoginSession, token: str) -> bool:
    """Return whether a token is used that its owner's browser has replaced long ago."""
    is_previous = login.previous_digest == digest(token)
    return is_previous and login.previous_until is not None and now() > login.previous_until


def confirm_rotation(login_id: int, seen: bytes) -> None:
    """Note that the new token has reached its owner; from now on the old one soon ends."""
    db.session.execute(
        update(LoginSession)
        .where(
            LoginSession.id == login_id,
            LoginSession.token_digest == seen,
            LoginSession.previous_until.is_(None),
        )
        .values(previous_until=now() + setting("REMEMBERED_GRACE_LIFETIME"))
    )
