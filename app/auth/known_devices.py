"""Browsers that people have signed in with before.

A cookie of its own names the browser by a random token, whose digest is kept with whom it is known
to. It outlives signing out and signs nobody in: all it does is count this browser's tries by
themselves (app.auth.attempts) and tell a new device from an old one.
"""

from datetime import datetime

from sqlalchemy import select, update

from app.application import Application
from app.auth.models import KnownDevice
from app.batches import delete_in_batches
from app.clock import now
from app.database import db
from app.sessions.limits import setting
from app.sessions.token_cookie import TokenCookie
from app.tokens import digest, make_token
from app.users.models import User, normalize_email

LIFETIME = "KNOWN_DEVICE_LIFETIME"
cookie = TokenCookie("known_device", LIFETIME)


def init_app(app: Application) -> None:
    cookie.init_app(app)


def find_device(email: str) -> str | None:
    """Return this browser's token if whoever has this address signed in with it, else None."""
    token = cookie.token
    if not token:
        return None
    known = (
        select(KnownDevice.user_id)
        .join(User, User.id == KnownDevice.user_id)
        .where(
            KnownDevice.token_digest == digest(token),
            KnownDevice.expires_at > now(),
            User.email == normalize_email(email),
        )
    )
    return token if db.session.scalar(known) is not None else None


def has_signed_in_before(user: User) -> bool:
    """Return whether this person may have; an older account's browsers may be forgotten by now."""
    any_device = select(KnownDevice.user_id).where(KnownDevice.user_id == user.id).limit(1)
    return user.created_at <= now() - setting(LIFETIME) or bool(db.session.scalar(any_device))


def keep_device(user: User) -> bool:
    """Know this browser from now on; return whether it is new to this person.

    One that is new to somebody gets a new token, and everybody it was known to moves along, so
    that a token which was planted on it stays unknown. The caller asks for the commit.
    """
    token = cookie.token
    until = now() + setting(LIFETIME)
    is_new = not token or not _prolong(user, token, until)
    if token is None or is_new:
        token = _replace_token(token)
        known = KnownDevice(token_digest=digest(token), user_id=user.id, expires_at=until)
        db.session.merge(known)
    cookie.keep(token)
    return is_new


def _prolong(user: User, token: str, until: datetime) -> bool:
    """Keep a browser for longer that is known to this person; return whether it is."""
    known = update(KnownDevice).where(
        KnownDevice.token_digest == digest(token),
        KnownDevice.user_id == user.id,
        KnownDevice.expires_at > now(),
    )
    prolonged = known.values(expires_at=until).returning(KnownDevice.user_id)
    return db.session.scalar(prolonged) is not None


def prune_devices() -> int:
    """Forget browsers that nobody signed in with for KNOWN_DEVICE_LIFETIME; return how many."""
    return delete_in_batches(KnownDevice, KnownDevice.expires_at <= now())


def _replace_token(old: str | None) -> str:
    token = make_token()
    if old:
        moved = update(KnownDevice).where(KnownDevice.token_digest == digest(old))
        db.session.execute(moved.values(token_digest=digest(token)))
    return token
