"""COMMIT, and that nobody is told it worked, or did not, where that is unknown."""

from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import OperationalError

COMMITTING = "committing"


class ChangesLost(RuntimeError):
    """The database had undone the transaction already, so that there is nothing to commit."""


class OutcomeUnknown(OperationalError):
    """The connection was lost while COMMIT was under way: it may have happened, and it may not."""


def watch_commits(engine: Engine) -> None:
    """Have a COMMIT that would save nothing raise ChangesLost, and one cut off OutcomeUnknown."""
    event.listen(engine, "begin", _note_other_work)
    event.listen(engine, "rollback", _note_other_work)
    event.listen(engine, "commit", _note_commit)
    event.listen(engine, "handle_error", _explain_silence)


def is_committing(context: ExceptionContext) -> bool:
    """Return whether it was COMMIT that failed."""
    connection = context.connection
    if connection is None or connection.invalidated:
        return False
    return bool(connection.info.get(COMMITTING))


def _note_other_work(connection: Connection) -> None:
    if not connection.invalidated:
        connection.info[COMMITTING] = False


def _note_commit(connection: Connection) -> None:
    _refuse_lost_changes(connection)
    connection.info[COMMITTING] = True


def _explain_silence(context: ExceptionContext) -> OutcomeUnknown | None:
    """Tell a lost answer from a refusal, after which PostgreSQL has rolled back for certain."""
    if not (is_committing(context) and context.is_disconnect):
        return None
    return OutcomeUnknown("COMMIT", None, context.original_exception, connection_invalidated=True)


def _refuse_lost_changes(connection: Connection) -> None:
    """Raise ChangesLost where a COMMIT would be answered with success and save nothing.

    After a statement has failed, PostgreSQL takes COMMIT for ROLLBACK and says nothing; SQLite
    ends the transaction by itself when its disk is full. Whoever swallowed that error must know.
    """
    driver: Any = connection.connection.dbapi_connection
    if hasattr(driver, "in_transaction"):
        lost = not driver.in_transaction
    else:
        lost = driver.info.transaction_status is TransactionStatus.INERROR
    if lost:
        raise ChangesLost(
            "A statement failed, its error was caught, and the database has undone everything "
            "before it. Try what may fail inside `with db.session.begin_nested():`."
        )
