"""The current time in UTC, and the column type that stores it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

# Set by the `clock` of the tests, so that a month passes without sleeping.
ahead = timedelta()


def now() -> datetime:
    """Return the current time in UTC, with its time zone. No other code in `app` reads a clock."""
    return datetime.now(UTC) + ahead


class UTCDateTime(TypeDecorator[datetime]):
    """Store times in UTC and load aware datetimes, also from SQLite, which stores no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a naive datetime, whose time zone is unknown."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; use app.clock.now().")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)
