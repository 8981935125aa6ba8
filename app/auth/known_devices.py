"""Known devices: browsers in which a user has signed in before.

A cookie holds a random token, and the database its digest with the users it is known to. It stays
after a sign-out and authenticates no user. Attempts from a known device are counted separately
(app/auth/throttle.py), and a sign-in from an unknown one is reported to the account owner.
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
# In a statement about a user: whether this browser is known to that user.
IS_KNOWN = exists().where(_is_this, _devices.c.user_id == User.id).label("is_known")
_KNOWN_TO = select(User.id).where(User.email == bindparam("email"), IS_KNOWN)
_EXTEND = (
    update(_devices)
    .where(_is_this, _devices.c.user_id == bindparam("owner_id"))
    .values(expires_at=bindparam("until"))
    .returning(_devices.c.user_id)
)


def this_browser() -> dict[str, object]:
    """Return the parameters of a statement that contains IS_KNOWN."""
    return {"browser": digest(cookie.token or ""), "at": now()}


def find_device(email: str) -> str | None:
    """Return the token of this browser if it is known to the user with this email, else None."""
    values = {"email": normalize_email(email), **this_browser()}
    return cookie.token if db.session.scalar(_KNOWN_TO, values) is not None else None


def has_signed_in_before(user: User) -> bool:
    """Return whether the user may have signed in before: known devices of old accounts expire."""
    any_device = select(KnownDevice.user_id).where(KnownDevice.user_id == user.id).limit(1)
    return user.created_at <= now() - setting(LIFETIME) or bool(db.session.scalar(any_device))


def extend_known_device(user: User) -> bool:
    """Extend the lifetime of this device if it is known to the user; return whether it is.

    The caller requests the commit.
    """
    token, until = cookie.token, now() + setting(LIFETIME)
    known = {"owner_id": user.id, "until": until, **this_browser()}
    if token is None or db.session.execute(_EXTEND, known).one_or_none() is None:
        return False
    cookie.send(token)
    return True


def add_or_extend_known_device(user: User) -> None:
    """Make this browser a known device of the user. The caller requests the commit."""
    if not extend_known_device(user):
        add_known_device(user)


def add_known_device(user: User) -> None:
    """Add this browser to the known devices of the user.

    Its token is replaced, for all users it is known to, so that a token planted by an attacker
    does not become known. The caller requests the commit.
    """
    token = _replace_token(cookie.token)
    until = now() + setting(LIFETIME)
    db.session.merge(KnownDevice(token_digest=digest(token), user_id=user.id, expires_at=until))
    cookie.send(token)


def prune_devices() -> int:
    """Delete devices unused for KNOWN_DEVICE_LIFETIME, and return how many there were."""
    return delete_in_batches(KnownDevice, KnownDevice.expires_at <= now())


def _replace_token(old: str | None) -> str:
    token = make_token()
    if old:
        moved = update(KnownDevice).where(KnownDevice.token_digest == digest(old))
        db.session.execute(moved.values(token_digest=digest(token)))
    return token
