"""The outbox: emails that wait to be sent, and those that were sent. And suppressed addresses."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import now
from app.database import Model, search_key
from app.jobs.queued import MAX_ERROR_LENGTH, Queued

MAX_ADDRESS_LENGTH = 320
MAX_FILENAME_LENGTH = 120
MAX_TYPE_LENGTH = 100


class Message(Queued, Model):
    """One rendered email to one recipient. Its content is deleted once it is sent."""

    __tablename__ = "outbox"

    DONE: ClassVar[str] = "sent"
    # Not sent, because the address is suppressed or the user has unsubscribed since.
    WITHHELD: ClassVar[str] = "withheld"
    STATES: ClassVar[tuple[str, ...]] = (WITHHELD,)

    # The template, which a log line may name: it tells the purpose, not the recipient.
    name: Mapped[str] = mapped_column(String(120))
    sender: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH))
    recipient: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH), index=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    # Further headers by name. None for most emails.
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Of an optional email: the topic, and the user, who may change the address.
    topic: Mapped[str | None] = mapped_column(String(40))
    subscriber_id: Mapped[int | None]

    attachments: Mapped[list["Attachment"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Attachment.id"
    )

    # Finds emails by the start of the address (docs/lists.md).
    __table_args__ = (Index("ix_outbox_recipient_start", search_key(recipient), "id"),)

    @property
    def title(self) -> str:
        return f"{self.recipient}  {self.subject}"


class Attachment(Model):
    """A file that is sent with an email, and deleted with its text."""

    __tablename__ = "outbox_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("outbox.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str] = mapped_column(String(MAX_FILENAME_LENGTH))
    content_type: Mapped[str] = mapped_column(String(MAX_TYPE_LENGTH))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SuppressedAddress(Model):
    """An address that is sent no email (app/mail/suppression.py)."""

    __tablename__ = "suppressed_addresses"

    address: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH), primary_key=True)
    # Whether a mail server rejected the address. Otherwise an operator suppressed it.
    is_bounce: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(MAX_ERROR_LENGTH), default="")
    suppressed_at: Mapped[datetime] = mapped_column(default=now, index=True)
