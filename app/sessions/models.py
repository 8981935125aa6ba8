"""The record of being signed in on one device."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model

LONGEST_USER_AGENT = 255
LONGEST_ADDRESS = 45


class LoginSession(Model):
    """One person signed in on one device. Without this row, every cookie that names it is dead."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str] = mapped_column(String(LONGEST_USER_AGENT))
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    remembered: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    proved_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]

    def has_ended(self, idle_limit: timedelta) -> bool:
        """Return whether it is past its end, or was left alone for longer than `idle_limit`."""
        return now() >= min(self.expires_at, self.last_seen_at + idle_limit)
