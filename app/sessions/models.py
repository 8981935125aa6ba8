"""The record of being signed in on one device."""

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
    """One person signed in on one device. Without this row, every cookie that names it is dead."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        # What was left alone for too long: each kind of login has a limit of its own.
        Index(None, "remembered", "last_seen_at"),
        # Somebody's logins, and the one of a visit among ten thousand.
        Index(None, "user_id", "sign_in_nonce_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    # The token before the last rotation: good until the new one was seen, and shortly after.
    previous_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    previous_until: Mapped[datetime | None]
    # What makes the next token out of the one before it.
    rotation_key: Mapped[bytes] = mapped_column(LargeBinary(32), default=make_key)
    # The visitor's cookie session that it was begun out of: the same form sent twice begins one.
    sign_in_nonce_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    user_agent: Mapped[str] = mapped_column(String(MAX_USER_AGENT_LENGTH))
    address: Mapped[str] = mapped_column(String(MAX_IP_ADDRESS_LENGTH))
    remembered: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    # When the person last showed who they are; None after the remember cookie resumed the login.
    authenticated_at: Mapped[datetime | None] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def mark(self) -> str:
        """Return a name of this login for what a browser keeps until it is finished.

        It follows from the row's key: it changes with each change of a credential, and a leaked
        SECRET_KEY does not help to make one. An id does not do, because SQLite gives it again.
        """
        return hmac.digest(self.rotation_key, b"unfinished", "sha256").hex()

    def ends_at(self, idle_limit: timedelta) -> datetime:
        """Return when it ends if nobody uses it again: at its limit, or when idle for too long."""
        return min(self.expires_at, self.last_seen_at + idle_limit)

    def was_authenticated_within(self, lifetime: timedelta) -> bool:
        """Return whether the person showed who they are not longer ago than `lifetime`."""
        return self.authenticated_at is not None and now() < self.authenticated_at + lifetime
