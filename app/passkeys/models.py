"""The tables of passkeys and of used challenges."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model

MAX_PASSKEY_NAME_LENGTH = 60
# In bytes (WebAuthn Level 3, 7.1).
MAX_CREDENTIAL_ID_LENGTH = 1023
MAX_TRANSPORTS_LENGTH = 100


class Passkey(Model):
    """The public key of a passkey; the private key stays on the user's devices."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(
        LargeBinary(MAX_CREDENTIAL_ID_LENGTH), unique=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    # The WebAuthn user handle: random, so that two sites cannot match their users by it.
    user_handle: Mapped[bytes] = mapped_column(LargeBinary(64))
    # The signature counter of the device, 32 bits; always 0 if the device does not count.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    # Whether it may be synchronized to other devices of its owner, and whether it was.
    backup_eligible: Mapped[bool]
    backed_up: Mapped[bool]
    # How browsers reach the device ("usb", "internal", "hybrid" …), separated by spaces.
    transports: Mapped[str] = mapped_column(String(MAX_TRANSPORTS_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_PASSKEY_NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]


class UsedChallenge(Model):
    """A challenge that was used, kept until it expires.

    A cookie can be copied and restored, so only a row can prove the use.
    """

    __tablename__ = "used_challenges"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
