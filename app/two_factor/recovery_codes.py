"""Codes to write down: each stands in once for a second factor that is lost.

NIST SP 800-63B-4 asks for 64 bits (4.2.1.1), and for a salt and a password's hash where there are
fewer than 112 (3.1.2.2), which nobody wants to type. Random as they are, it lets the hash be a
cheap one; ten of them are computed to check one code.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete, func, select

from app.clock import now
from app.database import db
from app.two_factor.models import RecoveryCode
from app.users.models import User

COUNT = 10
# Without i, l, o and u: what is written by hand is read as it was meant (Crockford's base 32).
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
# Four groups of four letters of 5 bits each: 80 bits.
GROUPS, GROUP = 4, 4
MISREAD = str.maketrans({"i": "1", "l": "1", "o": "0"})
SALT_BYTES = 16
# Argon2id in about a millisecond.
MEMORY_KIB, PASSES, LANES = 1024, 2, 1


@dataclass(frozen=True)
class NewCodes:
    """Ten codes as they are shown, once, and as they are kept."""

    codes: list[str]
    # A salt and a digest for each.
    kept: list[tuple[bytes, bytes]]


def make_codes() -> NewCodes:
    """Return codes that nobody has yet. Slow: call it while no transaction is open."""
    codes = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
        for _ in range(COUNT)
    ]
    salts = [secrets.token_bytes(SALT_BYTES) for _ in codes]
    kept = [(salt, _digest(code, salt)) for code, salt in zip(codes, salts, strict=True)]
    return NewCodes(codes, kept)


def keep_codes(user: User, new: NewCodes) -> None:
    """Let these be the person's codes from now on, and none that they had before."""
    drop_codes(user)
    db.session.add_all(
        RecoveryCode(user_id=user.id, salt=salt, code_digest=digest) for salt, digest in new.kept
    )
    db.session.flush()


def find_code(user: User, code: str) -> int | None:
    """Return which of the person's unused codes this is, or None. Slow, as make_codes() is."""
    rows = db.session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user.id)).all()
    fits = [
        row.id for row in rows if hmac.compare_digest(row.code_digest, _digest(code, row.salt))
    ]
    return fits[0] if fits else None


def spend_code(code_id: int) -> bool:
    """Use a code up; return False for the later of two who try at once."""
    spent = delete(RecoveryCode).where(RecoveryCode.id == code_id).returning(RecoveryCode.id)
    return db.session.execute(spent).one_or_none() is not None


def count_codes(user: User) -> int:
    mine = select(func.count()).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(mine) or 0


def were_made_within(user: User, time: timedelta) -> bool:
    """Return whether the person has been given codes not longer ago than this."""
    newest = select(func.max(RecoveryCode.created_at)).where(RecoveryCode.user_id == user.id)
    made_at = db.session.scalar(newest)
    return made_at is not None and now() < made_at + time


def drop_codes(user: User) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _digest(code: str, salt: bytes) -> bytes:
    return hash_secret_raw(_normalize(code).encode(), salt, PASSES, MEMORY_KIB, LANES, 32, Type.ID)


def _normalize(code: str) -> str:
    """Return what was meant, however it was spaced, hyphenated, written or misread."""
    return "".join(code.lower().replace("-", "").split()).translate(MISREAD)
