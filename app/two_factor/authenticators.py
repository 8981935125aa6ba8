"""Set up an authenticator, take its codes, and remove it."""

from flask import current_app
from sqlalchemy import delete, select, update

from app.crypto.encryption import Undecipherable, decrypt, encrypt
from app.database import db
from app.two_factor.models import Authenticator
from app.two_factor.totp import find_step
from app.unit_of_work import unit_of_work
from app.users.models import User


def has_authenticator(user: User) -> bool:
    rows = select(Authenticator.user_id).where(Authenticator.user_id == user.id)
    return db.session.scalar(rows) is not None


def find_authenticator(user: User) -> Authenticator | None:
    return db.session.get(Authenticator, user.id)


def add_authenticator(user: User, secret: bytes, code: str) -> bool:
    """Keep the secret if the code is one of its codes now; return whether it is.

    That code is spent with it: it signs nobody in any more.
    """
    step = find_step(secret, code)
    if step is None:
        return False
    sealed = encrypt(secret, about=_about(user.id))
    db.session.add(Authenticator(user_id=user.id, secret=sealed, last_step=step))
    db.session.flush()
    return True


def accept_code(user: User, code: str) -> bool:
    """Return whether this is a code of the person's that was not accepted before; now it was.

    The row decides between two who come at once with the same code: only one of them moves it on
    (RFC 6238, 5.2). A secret under a former key is sealed anew.
    """
    row = find_authenticator(user)
    if row is None:
        return False
    try:
        secret, is_sealed_by_former_key = decrypt(row.secret, about=_about(user.id))
    except Undecipherable:
        current_app.logger.error(
            "an authenticator cannot be read: list its key in SECRET_KEY_FALLBACKS again"
        )
        return False
    step = find_step(secret, code)
    if step is None:
        return False
    values: dict[str, object] = {"last_step": step}
    if is_sealed_by_former_key:
        values["secret"] = encrypt(secret, about=_about(user.id))
    unused = (Authenticator.user_id == user.id) & (Authenticator.last_step < step)
    moved = update(Authenticator).where(unused).values(**values).returning(Authenticator.user_id)
    return db.session.execute(moved).one_or_none() is not None


def reseal_authenticators() -> int:
    """Encrypt anew what a former key has sealed, so that the key can go; return how many.

    Codes do the same, one person at a time; this is for those who seldom sign in. Each row is
    locked for itself, and one that no key opens any more is left to its person's recovery codes.
    """
    resealed = 0
    for user_id in db.session.scalars(select(Authenticator.user_id)).all():
        with unit_of_work():
            resealed += _reseal(user_id)
    return resealed


def _reseal(user_id: int) -> bool:
    row = db.session.get(Authenticator, user_id, with_for_update=True)
    if row is None:
        return False
    try:
        secret, is_sealed_by_former_key = decrypt(row.secret, about=_about(user_id))
    except Undecipherable:
        return False
    if is_sealed_by_former_key:
        row.secret = encrypt(secret, about=_about(user_id))
    return is_sealed_by_former_key


def drop_authenticator(user: User) -> None:
    db.session.execute(delete(Authenticator).where(Authenticator.user_id == user.id))


def _about(user_id: int) -> str:
    return f"authenticator of {user_id}"
