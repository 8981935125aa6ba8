"""What somebody proves the second factor with, and the devices that are not asked for it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model
from app.sessions.models import MAX_USER_AGENT_LENGTH


class Authenticator(Model):
    """The secret that a person's phone computes codes from."""

    __tablename__ = "authenticators"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    # Encrypted (app/crypto/encryption.py): unlike a password it has to be read again.
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    # The half minute whose code was accepted last. No code of it, or before it, is any more.
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)


class RecoveryCode(Model):
    """A code that opens the second step once: the row goes as it is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(default=now)


class TrustedDevice(Model):
    """A browser on which a person is not asked for the second step for a while."""

    __tablename__ = "trusted_devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # The last login on it, so that ending that one ends the trust; None once it ended by itself.
    login_id: Mapped[int | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL"), index=True
    )
    user_agent: Mapped[str] = mapped_column(String(MAX_USER_AGENT_LENGTH))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
