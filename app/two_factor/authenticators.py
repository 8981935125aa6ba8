"""Set up an authenticator app, verify its codes, and remove it."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select, update

from app import expiring
from app.crypto.encryption import DecryptionFailed, decrypt, encrypt
from app.database import db
from app.two_factor.factors import FactorKind, record_factor_added, record_factor_removed
from app.two_factor.models import Authenticator
from app.two_factor.one_time_display import get_encrypted, put_encrypted
from app.two_factor.recovery_codes import NewCodes, replace_codes
from app.two_factor.totp import find_step, make_secret
from app.unit_of_work import unit_of_work
from app.users.models import User

AUTHENTICATOR = FactorKind("authenticator", Authenticator)
OFFER = "offered_authenticator"
# Enough time to find, install and learn an authenticator app.
OFFER_LIFETIME = timedelta(minutes=30)


class AlreadySetUp(Exception):
    """The user has an authenticator already, set up in another tab or on another device."""


class OfferExpired(Exception):
    """The offered secret is older than OFFER_LIFETIME, or was offered to another login."""


def find_authenticator(user: User) -> Authenticator | None:
    return db.session.get(Authenticator, user.id)


def has_authenticator(user: User) -> bool:
    rows = select(Authenticator.user_id).where(Authenticator.user_id == user.id)
    return db.session.scalar(rows) is not None


# --- Setup ---------------------------------------------------------------------------------------


def offer_secret() -> bytes:
    """Return the secret that the setup page shows: the same one until it is used or expires.

    Until a code confirms it, it is only in this browser, encrypted for this login.
    """
    secret = get_encrypted(OFFER)
    if secret is None:
        secret = make_secret()
        put_encrypted(OFFER, secret, OFFER_LIFETIME)
    return secret


def set_up_authenticator(user: User, code: str, codes: NewCodes | None) -> bool:
    """Turn on the offered authenticator, and return True, if the code is one of its codes.

    `codes` become the user's recovery codes. All other logins end. Raises AlreadySetUp and
    OfferExpired. The caller has the user from lock_current_login(), and requests the commit.
    """
    if has_authenticator(user):
        raise AlreadySetUp
    secret = get_encrypted(OFFER)
    if secret is None:
        raise OfferExpired
    if not add_authenticator(user, secret, "".join(code.split())):
        return False
    if codes is not None:
        replace_codes(user, codes)
    expiring.pop(OFFER)
    record_factor_added(user, AUTHENTICATOR.name)
    return True


def add_authenticator(user: User, secret: bytes, code: str) -> bool:
    """Store the secret, and return True, if the code is one of its current codes.

    The code counts as used: it cannot sign in as well.
    """
    step = find_step(secret, code)
    if step is None:
        return False
    encrypted = encrypt(secret, about=_about(user.id))
    db.session.add(Authenticator(user_id=user.id, secret=encrypted, last_step=step))
    db.session.flush()
    return True


def remove_authenticator(user: User) -> None:
    """Remove the authenticator and end all other logins.

    The caller has the user from lock_current_login(), and requests the commit.
    """
    if has_authenticator(user):
        db.session.execute(delete(Authenticator).where(Authenticator.user_id == user.id))
        record_factor_removed(user, AUTHENTICATOR.name)


# --- Verification --------------------------------------------------------------------------------


def accept_code(user: User, code: str) -> bool:
    """Return True, and mark the code as used, if it is a valid code that was not used before.

    The UPDATE decides between two requests with the same code: only one of them finds an older
    `last_step` (RFC 6238, 5.2). A secret under a former key is encrypted again.
    """
    row = find_authenticator(user)
    if row is None:
        return False
    try:
        secret, is_under_former_key = decrypt(row.secret, about=_about(user.id))
    except DecryptionFailed:
        current_app.logger.error(
            "The secret of an authenticator cannot be decrypted: "
            "list its key in SECRET_KEY_FALLBACKS again."
        )
        return False
    step = find_step(secret, code)
    if step is None:
        return False
    values: dict[str, object] = {"last_step": step}
    if is_under_former_key:
        values["secret"] = encrypt(secret, about=_about(user.id))
    unused = (Authenticator.user_id == user.id) & (Authenticator.last_step < step)
    moved = update(Authenticator).where(unused).values(**values).returning(Authenticator.user_id)
    return db.session.execute(moved).one_or_none() is not None


def reencrypt_authenticators() -> int:
    """Encrypt under the current key every secret that a former key encrypted; return how many.

    Sign-ins do the same for one user at a time; this is for users that seldom sign in. Each row
    has its own transaction. A secret that no key decrypts is left: its user has recovery codes.
    """
    reencrypted = 0
    for user_id in db.session.scalars(select(Authenticator.user_id)).all():
        with unit_of_work():
            reencrypted += _reencrypt(user_id)
    return reencrypted


def _reencrypt(user_id: int) -> bool:
    row = db.session.get(Authenticator, user_id, with_for_update=True)
    if row is None:
        return False
    try:
        secret, is_under_former_key = decrypt(row.secret, about=_about(user_id))
    except DecryptionFailed:
        return False
    if is_under_former_key:
        row.secret = encrypt(secret, about=_about(user_id))
    return is_under_former_key


def _about(user_id: int) -> str:
    return f"authenticator of {user_id}"
