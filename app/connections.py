"""What a new or a waiting connection needs before a request may have it."""

import select
from typing import Any

from psycopg import Cursor
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError

from app.statements import stays_with_connection

# Set on a connection that has been changed.
CHANGED = "changed"


def connect_to_sqlite(timeout: float, *, reads_only: bool) -> dict[str, Any]:
    """Return how to connect, so that nobody waits longer than `timeout` seconds for the writer."""
    return {"timeout": timeout}


def connect_to_postgresql(timeout: float, *, reads_only: bool) -> dict[str, Any]:
    """Return how to connect, so that nobody waits longer than `timeout` seconds for anything.

    That is for a server that does not answer (libpq counts whole seconds, and two at least), for
    one that is gone without a word, and for a row that somebody else has locked.
    """
    milliseconds = int(timeout * 1000)
    only = "-c default_transaction_read_only=on" if reads_only else ""
    return {
        "connect_timeout": max(2, int(timeout)),
        "keepalives_idle": max(1, int(timeout)),
        "tcp_user_timeout": milliseconds,
        "options": f"-c lock_timeout={milliseconds} {only}",
    }


class PlainCursor(Cursor[Any]):
    """Describes columns by tuples, as PEP 249 asks, where psycopg makes an object of each.

    SQLAlchemy wants to know that there are some, and their names once. A page that reads two rows
    of twenty columns spends a thirtieth of its time on those objects.
    """

    @property
    def description(self) -> list[Any] | None:
        result = self.pgresult
        if result is None or not (result.nfields or result.status == ExecStatus.TUPLES_OK):
            return None
        name, type_of = result.fname, result.ftype
        return [
            ((name(i) or b"").decode(), type_of(i), None, None, None, None, None)
            for i in range(result.nfields)
        ]


def prepare_sqlite(engine: Engine, *, reads_only: bool) -> None:
    """Make SQLite keep its foreign keys, and let one writer and many readers work side by side.

    Every transaction that may write begins as a writer (BEGIN IMMEDIATE). One that began as a
    reader and turned writer would fail at once with "database is locked"; this one queues.
    """

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # The driver's own transaction handling begins too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        # With WAL, NORMAL loses nothing when the process dies and syncs once a checkpoint.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA query_only = {'ON' if reads_only else 'OFF'}")

    if not reads_only:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def keep_alive(engine: Engine) -> None:
    """Replace connections that the server has closed, without asking it each time.

    A server that goes away says so: its last words wait, unread, in the socket of an idle
    connection. Looking for them is one system call where a ping would be a round trip.
    """

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, proxy: Any) -> None:
        if connection.closed:
            raise InvalidatePoolError
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise InvalidatePoolError


def roll_back_what_is_open(connection: Any, record: Any, state: Any) -> None:
    """End a transaction that somebody began by hand on a connection that only reads."""
    if hasattr(connection, "in_transaction"):
        is_open = connection.in_transaction
    else:
        is_open = connection.info.transaction_status is not TransactionStatus.IDLE
    if is_open and not state.terminate_only:
        connection.rollback()


def replace_changed(engine: Engine) -> None:
    """Close a connection on which something was set, so that its next user does not find it.

    A setting, a lock of the session or a temporary table outlives the transaction. A new
    connection is made when one is needed again, and all others are given back as they are.
    """

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if stays_with_connection(statement):
            connection.info[CHANGED] = True

    @event.listens_for(engine, "checkin")
    def close(connection: Any, record: Any) -> None:
        if record.info.pop(CHANGED, False):
            record.invalidate()
