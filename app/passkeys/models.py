"""The passkeys people have, and the challenges that were answered."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model

MAX_PASSKEY_NAME_LENGTH = 60
# WebAuthn Level 3, 7.1: no longer credential id is to be kept, in bytes.
MAX_CREDENTIAL_ID_LENGTH = 1023
MAX_TRANSPORTS_LENGTH = 100


class Passkey(Model):
    """A key pair of somebody's: the device keeps the private half, this row the public one."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(
        LargeBinary(MAX_CREDENTIAL_ID_LENGTH), unique=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    # What the device calls its owner: random, so that two sites cannot compare whom they know.
    user_handle: Mapped[bytes] = mapped_column(LargeBinary(64))
    # How often the device says it has signed, in 32 bits; always 0 where it does not count.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    # Whether it may be copied to other devices of its owner, and whether it was.
    backup_eligible: Mapped[bool]
    backed_up: Mapped[bool]
    # How the device can be reached ("usb", "internal", "hybrid" …), separated by spaces.
    transports: Mapped[str] = mapped_column(String(MAX_TRANSPORTS_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_PASSKEY_NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]


class SpentChallenge(Model):
    """A challenge that was answered, kept until it would have expired by itself.

    A cookie can be copied and put back, so that only a row can tell that something was used.
    """

    __tablename__ = "spent_challenges"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
