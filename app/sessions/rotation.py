"""Rotate the token of a login: each time a remember cookie resumes it, and at reauthentication.

The owner of a copied remember cookie and the thief then hold different tokens, and the second one
to use theirs reveals the copy (OWASP: token reuse). But browsers restore many tabs at once, and
responses get lost. So the next token is derived from the previous one with a key that only the row
holds: each tab that sends the old token receives the same new one. The old token stays valid until
the new one has been received, and for REMEMBERED_GRACE_LIFETIME after that.
"""

import hmac
from base64 import urlsafe_b64encode

from sqlalchemy import update

from app.clock import now
from app.crypto.tokens import digest, make_key
from app.database import db
from app.sessions.logins import setting
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work


def next_token(login: LoginSession, token: str) -> str:
    """Return the token that follows `token`. Read access to the database does not suffice."""
    following = hmac.digest(login.rotation_key, token.encode(), "sha256")
    return urlsafe_b64encode(following).rstrip(b"=").decode()


def rotate_token(login: LoginSession, token: str) -> str:
    """Replace a token and reset the reauthentication; return the next token.

    If another request has replaced it first, the result is the same.
    """
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
    """Return the values of a row in which `fresh` has replaced `token`, which is still valid."""
    return {
        "token_digest": digest(fresh),
        "previous_digest": digest(token),
        "previous_until": None,
    }


def replaced_values(fresh: str) -> dict[str, bytes | None]:
    """Return the values of a row for which only `fresh` is valid.

    The key is new, so that a copy of the previous token cannot derive the next one.
    """
    return {
        "token_digest": digest(fresh),
        "previous_digest": None,
        "previous_until": None,
        "rotation_key": make_key(),
    }


def is_reuse(login: LoginSession, received: bytes) -> bool:
    """Return whether a previous token was used after its grace period.

    `received` is the digest of the token.
    """
    is_previous = login.previous_digest == received
    return is_previous and login.previous_until is not None and now() > login.previous_until


def confirm_rotation(login_id: int, received: bytes) -> None:
    """Start the grace period of the previous token: the browser has sent the new one.

    `received` is the digest of the new token.
    """
    db.session.execute(
        update(LoginSession)
        .where(
            LoginSession.id == login_id,
            LoginSession.token_digest == received,
            LoginSession.previous_until.is_(None),
        )
        .values(previous_until=now() + setting("REMEMBERED_GRACE_LIFETIME"))
    )
