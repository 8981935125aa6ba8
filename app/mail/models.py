"""The outbox: emails that wait to be sent, and those that were sent."""

from typing import ClassVar

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model
from app.jobs.queued import Queued

MAX_ADDRESS_LENGTH = 320


class Message(Queued, Model):
    """One rendered email to one recipient. Its text is deleted once it is sent."""

    __tablename__ = "outbox"

    DONE: ClassVar[str] = "sent"

    # The template, which a log line may name: it tells the purpose, not the recipient.
    name: Mapped[str] = mapped_column(String(120))
    sender: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH))
    recipient: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH), index=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)

    @property
    def title(self) -> str:
        return f"{self.recipient}  {self.subject}"
