"""Counters of sign-in attempts, and known devices."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model


class LoginAttempts(Model):
    """A counter of attempts (app/auth/throttle.py).

    Key and account are keyed digests: the table does not reveal who signed in from where.
    """

    __tablename__ = "login_attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    # To find all counters of an account. None for the counter of a network.
    account: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    attempts: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime]


class KnownDevice(Model):
    """A browser in which the user has signed in before. It authenticates no user."""

    __tablename__ = "known_devices"

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
