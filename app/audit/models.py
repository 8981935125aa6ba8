"""The record, and the line before which it may be forgotten."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.actions import LABELS
from app.clock import now
from app.database import Model

MAX_IP_ADDRESS_LENGTH = 45
MAX_USER_AGENT_LENGTH = 255


class SecurityEvent(Model):
    """Something that happened to an account. Never changed: the database itself refuses.

    A row goes when it is older than the line drawn in Retention, or with the person it is about.
    """

    __tablename__ = "security_events"
    # One person's newest first, read backwards.
    __table_args__ = (Index(None, "user_id", "id"),)

    # SQLite counts rows by INTEGER only. 32 bits would last a large site a few years.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    action: Mapped[str] = mapped_column(String(40))
    # Whose account it was about; None where somebody tried an address that has none.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Whether staff did it, on a page or by a command, and not the owner. Where staff were and what
    # they used is not kept: the owner sees this row (A12).
    by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Which of them, for other staff only. No foreign key: the row stays when they leave.
    actor_id: Mapped[int | None]
    # None for what staff did, and for what did not come by a request.
    address: Mapped[str | None] = mapped_column(String(MAX_IP_ADDRESS_LENGTH))
    user_agent: Mapped[str | None] = mapped_column(String(MAX_USER_AGENT_LENGTH))
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def words(self) -> str:
        """Return what to call it; the bare name for one that this version does not know."""
        return LABELS.get(self.action, self.action)


class Retention(Model):
    """The one row that says from when on events have to be kept."""

    __tablename__ = "retentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_since: Mapped[datetime]
