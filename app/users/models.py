"""Who somebody is. This table never grows: what a feature keeps about people is its own row."""

import unicodedata
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model

MAX_EMAIL_LENGTH = 254
MAX_NAME_LENGTH = 80


def normalize_email(address: str) -> str:
    """Return the one form under which an address is kept, so that no spelling is a second account.

    Case is folded, letters are composed (NFC), and a domain is written in its own script: DNS
    knows `bücher.example` as `xn--bcher-kva.example` (RFC 5890, 2.3.2.1). 254 characters are the
    most that fit in a mail's path (RFC 5321, 4.5.3.1.3); a longer text is nobody's address and
    only lowercased, because NFC and IDNA take time that grows with the square of the length.
    """
    address = address.strip()
    if len(address) > MAX_EMAIL_LENGTH:
        return address.lower()
    address = unicodedata.normalize("NFC", address).lower()
    return address if _is_plain(address) else _with_domain_in_its_script(address)


def _is_plain(address: str) -> bool:
    return address.isascii() and "xn--" not in address


def _with_domain_in_its_script(address: str) -> str:
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:  # No account is opened for it.
        return address


class User(Model):
    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]

    # The token of the login this object was loaded by. It is kept nowhere but in the cookie.
    login_token = ""  # nosec B105  # none yet

    # Flask-Login's UserMixin is not used: it compares users by get_id(), which is a token here.
    is_authenticated = True

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        """Return the token of the login session, which dies with its row; never the user's id."""
        return self.login_token

    @property
    def name(self) -> str:
        return self.display_name or self.email.partition("@")[0]
