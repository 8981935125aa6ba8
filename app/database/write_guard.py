"""Reject writes in requests that only read, and commits outside a unit of work.

The events of the engines see every statement, including those that bypass `db.session`.
"""

from sqlite3 import SQLITE_READONLY
from typing import Any

from flask import has_app_context, has_request_context
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import DataError, OperationalError

from app.database.session import (
    COMMIT_BY_HAND,
    CommitOutsideUnit,
    ReadOnlyRequest,
    UnitSession,
)
from app.database.statements import ends_transaction, is_write
from app.database.tables import current_session

# Set in the `info` of a connection while COMMIT is in progress.
COMMITTING = "committing"


class ChangesLost(RuntimeError):
    """The database has already rolled back the transaction, so there is nothing to commit."""


class OutcomeUnknown(OperationalError):
    """The connection was lost during COMMIT: the transaction may or may not be committed."""


def guard_reading_engine(engine: Engine) -> None:
    event.listen(engine, "before_cursor_execute", reject_write)
    event.listen(engine, "handle_error", explain_read_only_error)


def guard_writing_engine(engine: Engine) -> None:
    event.listen(engine, "before_cursor_execute", note_write)
    event.listen(engine, "begin", reset_committing)
    event.listen(engine, "rollback", reset_committing)
    event.listen(engine, "commit", check_commit)
    event.listen(engine, "handle_error", explain_lost_commit)


def reject_write(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    if is_write(statement):
        raise ReadOnlyRequest(
            f"{statement.split(maxsplit=1)[0]} was rejected before it reached the database: this "
            "request only reads. Write in a view for POST, PUT, PATCH or DELETE that calls "
            "commit_later(), or inside `with unit_of_work():`."
        )


def explain_read_only_error(context: ExceptionContext) -> ReadOnlyRequest | None:
    """Replace the database's error if a function called by a SELECT tried to write."""
    error = context.original_exception
    if isinstance(error, ReadOnlySqlTransaction) or (
        getattr(error, "sqlite_errorcode", None) == SQLITE_READONLY
    ):
        return ReadOnlyRequest(f"The database rejected a write in a request that reads: {error}")
    return None


def explain_unstorable_value(context: ExceptionContext) -> DataError | None:
    """Report a value that the driver cannot send (a number too large, half a surrogate pair)."""
    error = context.original_exception
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return DataError(context.statement, None, error, hide_parameters=True)
    return None


def note_write(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    """Record that the unit of work has changes, so that a forgotten commit is noticed."""
    unit_session = session_of_unit()
    if unit_session is None:
        return
    if ends_transaction(statement):
        raise CommitOutsideUnit(COMMIT_BY_HAND)
    if is_write(statement):
        if not unit_session.writing:
            reject_write(connection, cursor, statement)
        unit_session.changed = True


def session_of_unit() -> UnitSession | None:
    """Return the session if a unit of work applies. Migrations and shells commit by themselves."""
    if not has_app_context():
        return None
    found = current_session()
    return found if found.writing or has_request_context() else None


def check_commit(connection: Connection) -> None:
    """Raise CommitOutsideUnit for a commit by hand, and ChangesLost for one that saves nothing."""
    unit_session = session_of_unit()
    if unit_session is not None and not unit_session.may_commit:
        raise CommitOutsideUnit(COMMIT_BY_HAND)
    if has_lost_changes(connection):
        raise ChangesLost(
            "A statement failed, its error was caught, and the database has undone everything "
            "before it. Run statements that may fail inside `with db.session.begin_nested():`."
        )
    connection.info[COMMITTING] = True


def has_lost_changes(connection: Connection) -> bool:
    """Return whether COMMIT would succeed and save nothing.

    After a failed statement, PostgreSQL executes COMMIT as ROLLBACK and reports success. SQLite
    ends the transaction itself if its disk is full.
    """
    driver: Any = connection.connection.dbapi_connection
    if hasattr(driver, "in_transaction"):
        return not driver.in_transaction
    return driver.info.transaction_status is TransactionStatus.INERROR


def reset_committing(connection: Connection) -> None:
    if not connection.invalidated:
        connection.info[COMMITTING] = False


def is_committing(context: ExceptionContext) -> bool:
    """Return whether the statement that failed was COMMIT."""
    connection = context.connection
    if connection is None or connection.invalidated:
        return False
    return bool(connection.info.get(COMMITTING))


def explain_lost_commit(context: ExceptionContext) -> OutcomeUnknown | None:
    """Distinguish a lost answer from a rejection, after which PostgreSQL has rolled back."""
    if not (is_committing(context) and context.is_disconnect):
        return None
    return OutcomeUnknown("COMMIT", None, context.original_exception, connection_invalidated=True)
