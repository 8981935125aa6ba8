"""Browsers that people have signed in with before.

A cookie of its own names the browser by a random token, whose digest is kept with whom it is known
to. It outlives signing out and signs nobody in: all it does is count this browser's tries by
themselves (app.auth.throttle) and tell a new device from an old one.
"""

from sqlalchemy import and_, bindparam, exists, select, update

from app.auth.models import KnownDevice
from app.clock import now
from app.crypto.tokens import digest, make_token
from app.database import db, table_of
from app.sessions.cookies import TokenCookie
from app.sessions.logins import setting
from app.unit_of_work.batches import delete_in_batches
from app.users.models import User, normalize_email

LIFETIME = "KNOWN_DEVICE_LIFETIME"
cookie = TokenCookie("known_device", LIFETIME)

_devices = table_of(KnownDevice)
_is_this = and_(
    _devices.c.token_digest == bindparam("browser"), _devices.c.expires_at > bindparam("at")
)
# In a statement about a person: whether they have signed in with this browser.
IS_KNOWN = exists().where(_is_this, _devices.c.user_id == User.id).label("is_known")
_WHO_KNOWS = select(User.id).where(User.email == bindparam("email"), IS_KNOWN)
_PROLONG = (
    update(_devices)
    .where(_is_this, _devices.c.user_id == bindparam("person"))
    .values(expires_at=bindparam("until"))
    .returning(_devices.c.user_id)
)


def this_browser() -> dict[str, object]:
    """Return what a statement with IS_KNOWN in it is sent with."""
    return {"browser": digest(cookie.token or ""), "at": now()}


def find_device(email: str) -> str | None:
    """Return this browser's token if whoever has this address signed in with it, else None."""
    whose = {"email": normalize_email(email), **this_browser()}
    return cookie.token if db.session.scalar(_WHO_KNOWS, whose) is not None else None


def has_signed_in_before(user: User) -> bool:
    """Return whether this person may have; an older account's browsers may be forgotten by now."""
    any_device = select(KnownDevice.user_id).where(KnownDevice.user_id == user.id).limit(1)
    return user.created_at <= now() - setting(LIFETIME) or bool(db.session.scalar(any_device))


def keep_known_device(user: User) -> bool:
    """Keep this browser for longer if it is known to this person; return whether it is.

    The caller asks for the commit.
    """
    token, until = cookie.token, now() + setting(LIFETIME)
    known = {"person": user.id, "until": until, **this_browser()}
    if token is None or db.session.execute(_PROLONG, known).one_or_none() is None:
        return False
    cookie.send(token)
    return True


def know_this_browser(user: User) -> None:
    """Know this browser from now on, or for longer. The caller asks for the commit."""
    if not keep_known_device(user):
        add_device(user)


def add_device(user: User) -> None:
    """Know this browser from now on.

    It gets a new token, and everybody the former was known to moves along, so that a token which
    was planted on it stays unknown. The caller asks for the commit.
    """
    token = _replace_token(cookie.token)
    until = now() + setting(LIFETIME)
    db.session.merge(KnownDevice(token_digest=digest(token), user_id=user.id, expires_at=until))
    cookie.send(token)


def prune_devices() -> int:
    """Forget browsers that nobody signed in with for KNOWN_DEVICE_LIFETIME; return how many."""
    return delete_in_batches(KnownDevice, KnownDevice.expires_at <= now())


def _replace_token(old: str | None) -> str:
    token = make_token()
    if old:
        moved = update(KnownDevice).where(KnownDevice.token_digest == digest(old))
        db.session.execute(moved.values(token_digest=digest(token)))
    return token
