"""Delete many rows in small transactions, so that other requests do not wait."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from app.application import ExtensionPoint
from app.database import Model, db
from app.unit_of_work import unit_of_work

# The label of what `flask prune` deletes, and the function that deletes it and returns the number
# of rows. Add one for each table that grows without limit.
pruning: ExtensionPoint[tuple[str, Callable[[], int]]] = ExtensionPoint("pruning")

# Rows. One row may delete thousands of others (a user with all their data), so the first batch is
# small, and the size of the next depends on the time this one took.
FIRST_BATCH = 100
MAX_BATCH = 5000
# Other requests wait no longer than this for the rows of a batch, or for SQLite's single writer.
BATCH_LIMIT = timedelta(milliseconds=250)


def delete_in_batches(model: type[Model], is_old: ColumnElement[bool]) -> int:
    """Delete the rows that are old. Return how many there were.

    `is_old` needs an index, or each batch reads the whole table.
    """
    key = inspect(model).primary_key

    def delete_batch(limit: int) -> int:
        old = select(*key).where(is_old).limit(limit)
        # Checked again after the lock: another request may have used the row meanwhile.
        statement = delete(model).where(tuple_(*key).in_(old), is_old).returning(key[0])
        return len(db.session.execute(statement).all())

    return in_batches(delete_batch)


def in_batches(remove: Callable[[int], int]) -> int:
    """Call `remove` with a limit, each time in its own unit, until it removes fewer rows.

    Returns the number of rows it removed in total.
    """
    removed, size = 0, FIRST_BATCH
    while True:
        began = monotonic()
        with unit_of_work():
            batch = remove(size)
        removed += batch
        if batch < size:
            return removed
        size = next_size(size, timedelta(seconds=monotonic() - began))


def next_size(size: int, took: timedelta) -> int:
    """Return how many rows to remove after a batch of `size` rows."""
    if took > BATCH_LIMIT:
        return max(1, size // 4)
    return min(MAX_BATCH, size * 2) if took < BATCH_LIMIT / 4 else size
