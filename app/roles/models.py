"""The table of the roles that users hold."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model

MAX_ROLE_LENGTH = 40


class RoleHeld(Model):
    __tablename__ = "roles_held"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(MAX_ROLE_LENGTH), primary_key=True, index=True)
    # None for a command. No foreign key: the row stays if that user is deleted.
    granted_by: Mapped[int | None]
    granted_at: Mapped[datetime] = mapped_column(default=now)
    # None for a role that does not end by itself.
    expires_at: Mapped[datetime | None]

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()
