"""The login session: a user signed in on one device."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.crypto.tokens import make_key
from app.database import Model

MAX_USER_AGENT_LENGTH = 255
MAX_IP_ADDRESS_LENGTH = 45


class LoginSession(Model):
    """A user signed in on one device. Without this row, every cookie with its token is void."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        # For idle logins: remembered ones and others have different limits.
        Index(None, "remembered", "last_seen_at"),
        # The logins of a user, and the one of a sign-in nonce among thousands.
        Index(None, "user_id", "sign_in_nonce_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    # The token before the last rotation. It is valid until the new one has been received, and for
    # REMEMBERED_GRACE_LIFETIME after that: `previous_until` is None until then.
    previous_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    previous_until: Mapped[datetime | None]
    # Derives the next token from the current one (rotation.py).
    rotation_key: Mapped[bytes] = mapped_column(LargeBinary(32), default=make_key)
    # Identifies the visitor's cookie session: submitting its form twice creates one login.
    sign_in_nonce_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    user_agent: Mapped[str] = mapped_column(String(MAX_USER_AGENT_LENGTH))
    address: Mapped[str] = mapped_column(String(MAX_IP_ADDRESS_LENGTH))
    remembered: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    # The last authentication; None after the remember cookie resumed the login.
    authenticated_at: Mapped[datetime | None] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def fingerprint(self) -> str:
        """Return an identifier that binds unfinished ceremonies and one-time displays to a login.

        It is derived from the row's key: it changes with each change of a credential, and a leaked
        SECRET_KEY does not suffice to forge one. SQLite reuses ids, so an id would not do.
        """
        return hmac.digest(self.rotation_key, b"unfinished", "sha256").hex()

    def ends_at(self, idle_limit: timedelta) -> datetime:
        """Return when the login ends if it is not used again."""
        return min(self.expires_at, self.last_seen_at + idle_limit)

    def was_authenticated_within(self, lifetime: timedelta) -> bool:
        """Return whether the last authentication was less than `lifetime` ago."""
        return self.authenticated_at is not None and now() < self.authenticated_at + lifetime
