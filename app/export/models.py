"""The table of exports."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model


class Export(Model):
    """A copy of all data about a user, created by a job."""

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # The login that requested it; the export is void once that has ended. None after a sign-out.
    login_id: Mapped[int | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL"), index=True
    )
    # JSON. None until the job has created it.
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
