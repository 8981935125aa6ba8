"""The database session: read-only until a unit of work makes it writable."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from flask import current_app
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import SessionTransaction

from app.application import ExtensionPoint

# The name of the reading engine among Flask-SQLAlchemy's binds.
READING = "reading"
# Functions that return the engine which the current context reads from, or None for that one.
reading_routes: ExtensionPoint[Callable[[], Engine | None]] = ExtensionPoint("reading_routes")
COMMIT_BY_HAND = (
    "A commit by hand was rejected. In a view call commit_later() and return; anywhere else write "
    "inside `with unit_of_work():`."
)


class ReadOnlyRequest(RuntimeError):
    """A request that only reads tried to write. The statement did not reach the database."""


class CommitOutsideUnit(RuntimeError):
    """A commit was made by hand. Only the unit of work commits."""


def reading_engine(engines: Mapping[str | None, Engine]) -> Engine:
    """Return the engine that a part has chosen for this context, else the reading one."""
    for choose in reading_routes.items():
        chosen = choose()
        if chosen is not None:
            return chosen
    return engines[READING]


class UnitSession(Session):
    """A session that uses the reading engine, until a unit of work makes it writable."""

    # Set by app.unit_of_work only.
    writing = False
    may_commit = False
    # True once a statement that changes rows was executed.
    changed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The calls of after_commit(), in order. app.unit_of_work runs them.
        self.after_commit_calls: list[Any] = []

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kw: Any) -> Any:
        engine = super().get_bind(mapper=mapper, clause=clause, bind=bind, **kw)
        if self.writing:
            return engine
        engines = current_app.extensions["sqlalchemy"].engines
        return reading_engine(engines) if engine is engines[None] else engine

    def has_changes(self) -> bool:
        """Return whether anything would be lost if this session ended now."""
        return bool(
            self.changed
            or self.new
            or self.deleted
            or any(self.is_modified(instance) for instance in self.dirty)
        )

    def commit_and_release(self) -> None:
        """Commit and return the connection to the pool. Loaded objects stay readable."""
        transaction = self.get_transaction()
        if transaction is None:
            return
        self.may_commit = True
        try:
            if self.writing:
                self.commit()
            else:
                transaction.close()
        finally:
            self.may_commit = False

    def roll_back_and_release(self) -> None:
        """Roll back and return the connection. A lost connection has rolled back already."""
        with suppress(DBAPIError):
            self.rollback()


@event.listens_for(UnitSession, "before_commit")
def reject_commit_by_hand(session: UnitSession) -> None:
    if not session.may_commit and not session.in_nested_transaction():
        raise CommitOutsideUnit(COMMIT_BY_HAND)


@event.listens_for(UnitSession, "after_transaction_create")
def note_savepoint(session: UnitSession, transaction: Any) -> None:
    """Store the state at the savepoint, so that rolling back to it restores it."""
    if transaction.nested:
        transaction.state_before = (session.changed, len(session.after_commit_calls))


@event.listens_for(UnitSession, "after_soft_rollback")
def restore_savepoint(session: UnitSession, transaction: Any) -> None:
    if transaction.nested:
        session.changed, calls = transaction.state_before
        del session.after_commit_calls[calls:]


@event.listens_for(UnitSession, "after_transaction_end")
def reset_after_transaction(session: UnitSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.changed = False
        if not session.may_commit:
            session.after_commit_calls.clear()
