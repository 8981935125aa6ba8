"""The table of resets of second factors that wait for their time."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model


class FactorReset(Model):
    """Staff will remove the second factors of this user, unless the user stops it."""

    __tablename__ = "factor_resets"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    # The member of staff. No foreign key: if that account is deleted, the reset is dropped.
    requested_by: Mapped[int]
    requested_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(index=True)
