"""What the paperwork keeps: links that were mailed, files that were asked for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model
from app.users.models import MAX_EMAIL_LENGTH

REGISTER = "register"
RESET = "reset"
CHANGE_EMAIL = "change-email"
# Keeps the address that an account has, or had before a change.
KEEP_EMAIL = "keep-email"


class MailedLink(Model):
    """A single-use link that went to an address; only the digest of its token is kept."""

    __tablename__ = "mailed_links"
    __table_args__ = (Index(None, "email", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH))
    # Whose link it is; None while there is no account yet.
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    # The login that asked for it, with which it is void (pending.py). None after a plain sign-out.
    login_id: Mapped[int | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EmailThrottle(Model):
    """When an address was last sent a link of one kind: the row that such requests lock."""

    __tablename__ = "email_throttles"

    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    # How many mails followed the first while its link, or a newer one, was still unused.
    mails: Mapped[int] = mapped_column(default=0)


class Export(Model):
    """A copy of everything that is kept about a person, made for them by a job."""

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # As in MailedLink.
    login_id: Mapped[int | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL"), index=True
    )
    # None until the job has made it.
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
