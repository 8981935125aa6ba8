"""Set up an authenticator, take its codes, and remove it."""

from flask import current_app
from sqlalchemy import delete, select, update

from app.database import db
from app.encryption import Undecipherable, decrypt, encrypt
from app.two_factor.codes import find_step
from app.two_factor.models import Authenticator
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
    sealed = encrypt(secret, about=_about(user))
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
        secret, is_sealed_by_former_key = decrypt(row.secret, about=_about(user))
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
        values["secret"] = encrypt(secret, about=_about(user))
    unused = (Authenticator.user_id == user.id) & (Authenticator.last_step < step)
    moved = update(Authenticator).where(unused).values(**values).returning(Authenticator.user_id)
    return db.session.execute(moved).one_or_none() is not None


def drop_authenticator(user: User) -> None:
    db.session.execute(delete(Authenticator).where(Authenticator.user_id == user.id))


def _about(user: User) -> str:
    return f"authenticator of {user.id}"
