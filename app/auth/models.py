"""How often somebody tried to sign in, and which browsers people have signed in with."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model


class LoginAttempts(Model):
    """Tries counted together: at one account, from one network, or at one account from either.

    Key and account are keyed digests, so that no list arises of who tried from where.
    """

    __tablename__ = "login_attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    # Which account's counter it is, so that all of them are found; None for a network's.
    account: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    tries: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime]


class KnownDevice(Model):
    """A browser that somebody has signed in with. It signs nobody in."""

    __tablename__ = "known_devices"

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
