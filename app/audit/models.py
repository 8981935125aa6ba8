"""The security events, and the time before which they may be deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.actions import find_action_kind
from app.clock import now
from app.database import Model

MAX_IP_ADDRESS_LENGTH = 45
MAX_USER_AGENT_LENGTH = 255


class SecurityEvent(Model):
    """A security event of an account. Triggers in the database reject every change.

    A row can be deleted only if it is older than `Retention.kept_since`, or with its user.
    """

    __tablename__ = "security_events"
    # The events of a user, newest first.
    __table_args__ = (Index(None, "user_id", "id"),)

    # SQLite numbers rows only in an INTEGER. On a large site 32 bits would last a few years.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    action: Mapped[str] = mapped_column(String(40))
    # The owner of the account; None for an attempt with an unknown email address.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Whether staff acted, on a page or by a command. Their address and device are not stored,
    # because the owner sees this row (A12).
    by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The staff user, visible to staff only. No foreign key: the row stays if that user is deleted.
    actor_id: Mapped[int | None]
    # None for actions of staff, and outside of requests.
    address: Mapped[str | None] = mapped_column(String(MAX_IP_ADDRESS_LENGTH))
    user_agent: Mapped[str | None] = mapped_column(String(MAX_USER_AGENT_LENGTH))
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def label(self) -> str:
        """Return the label of the action, or its name if this version does not know it."""
        kind = find_action_kind(self.action)
        return kind.label if kind else self.action


class Retention(Model):
    """One row with the time from which on events cannot be deleted."""

    __tablename__ = "retentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_since: Mapped[datetime]
