"""Remove many rows while everybody else goes on working."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from app.application import ExtensionPoint
from app.database import Model, db
from app.unit_of_work import unit_of_work

# The label of what `flask prune` deletes, and the function that deletes it and returns how many
# rows there were. Add one for each table of yours that grows.
pruning: ExtensionPoint[tuple[str, Callable[[], int]]] = ExtensionPoint("pruning")

# A row may take thousands of others along (somebody with all that is theirs), so the first batch
# is small, and the next is larger or smaller by what it took.
FIRST = 100
LARGEST = 5000
# A transaction of a batch ends well below a second: whoever needs its rows, or SQLite's one
# writer, waits no longer.
LONGEST = timedelta(milliseconds=250)


def delete_in_batches(model: type[Model], is_old: ColumnElement[bool]) -> int:
    """Remove the rows that are old; return how many there were.

    `is_old` is to be answered by an index, or each batch reads the whole table.
    """
    key = inspect(model).primary_key

    def delete_some(most: int) -> int:
        old = select(*key).where(is_old).limit(most)
        # Asked again of each row: another may have used it while this one waited for its lock.
        statement = delete(model).where(tuple_(*key).in_(old), is_old).returning(key[0])
        return len(db.session.execute(statement).all())

    return in_batches(delete_some)


def in_batches(remove: Callable[[int], int]) -> int:
    """Have it remove so many rows at most, each time in a unit of its own, until it finds fewer.

    Return how many it removed in all.
    """
    removed, size = 0, FIRST
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
    if took > LONGEST:
        return max(1, size // 4)
    return min(LARGEST, size * 2) if took < LONGEST / 4 else size
