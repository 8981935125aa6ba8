"""Mails that wait to be sent, and those that were."""

from typing import ClassVar

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model
from app.jobs.queued import Queued

LONGEST_ADDRESS = 320


class Message(Queued, Model):
    """One mail to one person, as it will read. What it says is forgotten once it is sent."""

    __tablename__ = "outbox"

    DONE: ClassVar[str] = "sent"

    # The template it was written from, which says in a log what it was about and not to whom.
    name: Mapped[str] = mapped_column(String(120))
    sender: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    recipient: Mapped[str] = mapped_column(String(LONGEST_ADDRESS), index=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)

    @property
    def title(self) -> str:
        return f"{self.recipient}  {self.subject}"
