"""The topics that users have turned on or off."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model


class MailChoice(Model):
    """A user's choice about a topic. Without a row, the default of the topic applies.

    It belongs to the user, not to the address: it survives a change of address, ends with the
    account, and is in the export.
    """

    __tablename__ = "mail_choices"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_wanted: Mapped[bool]
    chosen_at: Mapped[datetime] = mapped_column(default=now)
