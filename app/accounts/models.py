"""Mailed links, and how often an address is sent one."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model
from app.users.models import MAX_EMAIL_LENGTH

MAX_PURPOSE_LENGTH = 16
# The purposes of the links of this part.
REGISTER = "register"
RESET = "reset"
CHANGE_EMAIL = "change-email"
# Keeps the address that an account has, or had before a change.
KEEP_EMAIL = "keep-email"


class MailedLink(Model):
    """A single-use link that was mailed. Only the digest of its token is stored."""

    __tablename__ = "mailed_links"
    __table_args__ = (Index(None, "email", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(MAX_PURPOSE_LENGTH))
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH))
    # What the link is about, such as the id of a row. Empty for the links of this part.
    subject: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    # None for a registration: there is no account yet.
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    # The login that requested it; the link is void once that has ended (ended_logins.py). None if
    # no login requested it, or after a sign-out.
    login_id: Mapped[int | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EmailThrottle(Model):
    """Counts the links mailed to an address for one purpose; concurrent requests lock the row."""

    __tablename__ = "email_throttles"

    purpose: Mapped[str] = mapped_column(String(MAX_PURPOSE_LENGTH), primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(index=True)
    # How many emails followed the first one while its link, or a newer one, was unused.
    resend_count: Mapped[int] = mapped_column(default=0)
