"""The columns of every row that waits for something to be done."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now

WAITING = "waiting"
GIVEN_UP = "given-up"
LONGEST_ERROR = 500


class Queued:
    """What is known of a row that waits. The attempts made tell one claim from the next."""

    DONE: ClassVar[str] = "done"

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    state: Mapped[str] = mapped_column(String(16), default=WAITING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    # None once it has ended, well or not.
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=now, index=True)
    last_error: Mapped[str] = mapped_column(String(LONGEST_ERROR), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    # The request that caused it, and the language it was in.
    request_id: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(35))
