"""What time it is, and the column type that keeps it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

# Moved by the tests' `clock`, so that a month passes without sleeping.
ahead = timedelta()


def now() -> datetime:
    """Return the time in UTC, always aware of its zone; nothing else in `app` reads a clock."""
    return datetime.now(UTC) + ahead


class UTCDateTime(TypeDecorator[datetime]):
    """Keep a time in UTC and give it back with its zone, on SQLite too, which keeps no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raise ValueError for a naive time: nobody can tell which zone it meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; use app.clock.now().")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)
