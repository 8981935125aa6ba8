"""The table of users. It never grows: each feature stores its data in a table of its own."""

import unicodedata
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model, search_key
from app.mail.addresses import parse_email

MAX_EMAIL_LENGTH = 254
MAX_NAME_LENGTH = 80


def normalize_email(address: str) -> str:
    """Return the stored form of an email address, so that no spelling makes a second account.

    Lowercase, NFC, and the domain in Unicode: DNS has `bücher.example` as `xn--bcher-kva.example`
    (RFC 5890, 2.3.2.1). Longer texts than MAX_EMAIL_LENGTH (RFC 5321, 4.5.3.1.3) match no account
    and are only lowercased, because the time for NFC and IDNA grows with the square of the length.
    """
    address = address.strip()
    if len(address) > MAX_EMAIL_LENGTH:
        return address.lower()
    address = unicodedata.normalize("NFC", address).lower()
    return address if _is_plain(address) else _with_unicode_domain(address)


def _is_plain(address: str) -> bool:
    return address.isascii() and "xn--" not in address


def _with_unicode_domain(address: str) -> str:
    try:
        return parse_email(address).normalized.lower()
    except ValueError:  # create_user() rejects it.
        return address


class User(Model):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        # Finds users by the start of their address, and sorts them (docs/lists.md).
        Index("ix_users_email_start", search_key(email), "id"),
    )

    # The token of the login that loaded this object. Only the cookie stores it.
    login_token = ""  # nosec B105  # none yet

    # Not Flask-Login's UserMixin, which compares users by get_id(): here that is a token.
    is_authenticated = True

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        """Return the token of the login session: unlike a user id, it ends with its row."""
        return self.login_token

    @property
    def name(self) -> str:
        return self.display_name or self.email.partition("@")[0]
