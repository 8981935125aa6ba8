"""Remove rows that have had their time."""

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from app.database import Model, db
from app.unit_of_work import unit_of_work

# Rows that one transaction removes, so that nobody waits for it noticeably.
BATCH = 1000


def prune(model: type[Model], is_old: ColumnElement[bool]) -> int:
    """Remove the rows that are old, a batch at a time; return how many there were."""
    key = inspect(model).primary_key
    old = select(*key).where(is_old).limit(BATCH)
    statement = delete(model).where(tuple_(*key).in_(old)).returning(key[0])
    removed = 0
    while True:
        with unit_of_work():
            batch = len(db.session.execute(statement).all())
        removed += batch
        if batch < BATCH:
            return removed
