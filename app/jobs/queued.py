"""The columns that every queued row has."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now

WAITING = "waiting"
GIVEN_UP = "given-up"
MAX_ERROR_LENGTH = 500


class Queued:
    """The state of a queued row. `attempts` also tells one claim on the row from the next."""

    DONE: ClassVar[str] = "done"
    # Further states in which a row ends.
    STATES: ClassVar[tuple[str, ...]] = ()

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    state: Mapped[str] = mapped_column(String(16), default=WAITING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    # None once the row is done or given up.
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=now, index=True)
    last_error: Mapped[str] = mapped_column(String(MAX_ERROR_LENGTH), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    # The id of the request that queued the row, and the language in force in it.
    request_id: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(35))
