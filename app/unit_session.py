"""The database session that only reads, until a unit of work lets it write."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import SessionTransaction

from app.replica import REPLICA, reads_from_replica

READING = "reading"
COMMIT_BY_HAND = (
    "A commit by hand was refused. In a view call commit_later() and return; anywhere else write "
    "inside `with unit_of_work():`."
)


class ReadOnlyRequest(RuntimeError):
    """A write was tried where only reading is allowed; it did not reach the database."""


class CommitOutsideUnit(RuntimeError):
    """Somebody committed by hand; only the unit of work commits."""


def engine_to_read(engines: Mapping[str | None, Engine]) -> Engine:
    """Return the replica's where there is one that may be asked."""
    return engines[REPLICA if reads_from_replica(engines, READING) else READING]


class UnitSession(Session):
    """A database session that reads, until a unit of work lets it write."""

    # Set by app.unit_of_work and by nothing else.
    writing = False
    may_commit = False
    # True once a statement that changes rows has been sent.
    changed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What is to be done after the commit, in order; app.unit_of_work does it.
        self.after: list[Any] = []

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kw: Any) -> Any:
        engine = super().get_bind(mapper=mapper, clause=clause, bind=bind, **kw)
        engines = self._db.engines
        if engine is not engines[None] or self.writing:
            return engine
        return engine_to_read(engines)

    def has_changes(self) -> bool:
        """Return whether anything would be lost if this session ended now."""
        return bool(
            self.changed
            or self.new
            or self.deleted
            or any(self.is_modified(instance) for instance in self.dirty)
        )

    def end(self) -> None:
        """Commit what there is and give the connection back; what was loaded stays readable."""
        transaction = self.get_transaction()
        if transaction is None:
            return
        self.may_commit = True
        try:
            if self.writing or self.changed:
                self.commit()
            else:
                transaction.close()
        finally:
            self.may_commit = False

    def undo(self) -> None:
        """Roll back and give the connection back. One that is lost rolled back by being lost."""
        with suppress(DBAPIError):
            self.rollback()


@event.listens_for(UnitSession, "before_commit")
def refuse_commit_by_hand(session: UnitSession) -> None:
    if not session.may_commit and not session.in_nested_transaction():
        raise CommitOutsideUnit(COMMIT_BY_HAND)


@event.listens_for(UnitSession, "after_transaction_create")
def remember_savepoint(session: UnitSession, transaction: Any) -> None:
    """Note how things stood, so that what is rolled back to here leaves no trace."""
    if transaction.nested:
        transaction.found = (session.changed, len(session.after))


@event.listens_for(UnitSession, "after_soft_rollback")
def forget_since_savepoint(session: UnitSession, transaction: Any) -> None:
    if transaction.nested:
        session.changed, calls = transaction.found
        del session.after[calls:]


@event.listens_for(UnitSession, "after_transaction_end")
def forget_transaction(session: UnitSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.changed = False
        if not session.may_commit:
            session.after.clear()
