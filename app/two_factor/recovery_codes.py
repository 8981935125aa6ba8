"""Recovery codes: each replaces a lost second factor once.

NIST SP 800-63B-4 requires 64 bits (4.2.1.1), and a salt and a password hash for codes below 112
bits (3.1.2.2), which are too long to type. As the codes are random, a cheap hash is enough:
verifying a code computes it for each of the ten.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete, func, select

from app.audit.trail import record
from app.clock import now
from app.database import db
from app.mail.outbox import send_mail_later
from app.mail.templates import absolute_url
from app.preferences.choices import locale_of
from app.two_factor.actions import RECOVERY_CODE_USED
from app.two_factor.models import RecoveryCode
from app.users.models import User

COUNT = 10
# Without i, l, o and u, which are misread in handwriting (Crockford's base 32).
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
# Four groups of four letters of 5 bits each: 80 bits.
GROUPS, GROUP = 4, 4
MISREAD = str.maketrans({"i": "1", "l": "1", "o": "0"})
SALT_BYTES = 16
# Argon2id in about a millisecond.
MEMORY_KIB, PASSES, LANES = 1024, 2, 1


@dataclass(frozen=True)
class NewCodes:
    """Ten new codes, as they are displayed once and as they are stored."""

    codes: list[str]
    # The salt and the digest of each.
    digests: list[tuple[bytes, bytes]]


def make_codes() -> NewCodes:
    """Return new codes. Slow: call it while no transaction is open."""
    codes = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
        for _ in range(COUNT)
    ]
    salts = [secrets.token_bytes(SALT_BYTES) for _ in codes]
    digests = [(salt, _digest(code, salt)) for code, salt in zip(codes, salts, strict=True)]
    return NewCodes(codes, digests)


def replace_codes(user: User, new: NewCodes) -> None:
    """Store new codes in place of all that the user had."""
    delete_codes(user)
    db.session.add_all(
        RecoveryCode(user_id=user.id, salt=salt, code_digest=digest)
        for salt, digest in new.digests
    )
    db.session.flush()


def find_code(user: User, code: str) -> int | None:
    """Return the id of the user's unused code, or None. Slow, as make_codes() is."""
    rows = db.session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user.id)).all()
    matching = [
        row.id for row in rows if hmac.compare_digest(row.code_digest, _digest(code, row.salt))
    ]
    return matching[0] if matching else None


def use_code(code_id: int) -> bool:
    """Delete a used code. Return False if another request has used it meanwhile."""
    used = delete(RecoveryCode).where(RecoveryCode.id == code_id).returning(RecoveryCode.id)
    return db.session.execute(used).one_or_none() is not None


def count_codes(user: User) -> int:
    mine = select(func.count()).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(mine) or 0


def were_made_within(user: User, time: timedelta) -> bool:
    """Return whether the user's newest codes are younger than this."""
    newest = select(func.max(RecoveryCode.created_at)).where(RecoveryCode.user_id == user.id)
    made_at = db.session.scalar(newest)
    return made_at is not None and now() < made_at + time


def delete_codes(user: User) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def record_code_used(user: User) -> None:
    """Record the use of a recovery code, and email the owner how many are left."""
    record(RECOVERY_CODE_USED, user.id)
    send_mail_later(
        user.email,
        "two_factor/mail/recovery_code_used",
        locale=locale_of(user),
        left=count_codes(user),
        url=absolute_url("two_factor.two_factor"),
        reset_url=absolute_url("accounts.reset"),
    )


def _digest(code: str, salt: bytes) -> bytes:
    return hash_secret_raw(_normalize(code).encode(), salt, PASSES, MEMORY_KIB, LANES, 32, Type.ID)


def _normalize(code: str) -> str:
    """Return the code in lower case, without spaces, hyphens and misread letters."""
    return "".join(code.lower().replace("-", "").split()).translate(MISREAD)
