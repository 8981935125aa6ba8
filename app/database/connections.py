"""What a connection needs before a request may use it, and when a wait for the database ends."""

import select
import sqlite3
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from psycopg import Connection as PsycopgConnection
from psycopg import OperationalError
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError

from app.application import Application
from app.database.statements import stays_with_connection

# Set in the `info` of a connection on which a statement changed a session-level setting.
CHANGED = "changed"
# Time for the server, after it has canceled a statement itself, to report that.
GRACE = timedelta(seconds=2)
# Seconds to wait for processes that open a new SQLite file too, and between two tries.
WAL_LIMIT, WAL_PAUSE = 30, 0.05


class AnswerTimedOut(OperationalError):
    """The database did not answer in time. Whether it executed the statement is unknown."""


def connect_arguments(app: Application, url: str, *, reads_only: bool) -> dict[str, Any]:
    """Return the arguments of the driver, which limit every wait without a round trip.

    PostgreSQL: a server that does not answer (libpq counts whole seconds, at least two), one that
    is unreachable, a locked row, and a slow statement. SQLite: another writer.
    """
    timeout = app.config["DATABASE_TIMEOUT"].total_seconds()
    if url.startswith("sqlite"):
        return {"timeout": timeout}
    if app.config["DATABASE_BEHIND_PGBOUNCER"]:
        # PgBouncer rejects `options`, and in transaction mode a statement that was prepared on
        # another connection is missing.
        return tcp_arguments(timeout) | {"prepare_threshold": None}
    limit = app.config["STATEMENT_TIMEOUT"] // timedelta(milliseconds=1)
    options = f"-c lock_timeout={int(timeout * 1000)} -c statement_timeout={limit}"
    read_only = " -c default_transaction_read_only=on" if reads_only else ""
    return tcp_arguments(timeout) | {"options": options + read_only}


def tcp_arguments(timeout: float) -> dict[str, Any]:
    return {
        "connect_timeout": max(2, int(timeout)),
        "keepalives_idle": max(1, int(timeout)),
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": int(timeout * 1000),
    }


def limit_waiting(engine: Engine, limit: timedelta) -> None:
    """Have the client give up on PostgreSQL too, `limit` after it sent a statement.

    The limits of the server need a server that works, and those of TCP a network that reports what
    it lost. A proxy that accepts data and forwards none satisfies both.
    """
    connection_class = bounded_connection(limit + GRACE)

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, args: Any, kwargs: Any) -> PsycopgConnection[Any]:
        return connection_class.connect(*args, **kwargs)


def bounded_connection(limit: timedelta) -> type[PsycopgConnection[Any]]:
    """Return a connection class that closes itself if an answer takes longer than `limit`.

    It is not used again, because the answer may still arrive.
    """
    seconds = limit.total_seconds()

    class BoundedConnection(PsycopgConnection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            if timeout is not None:
                return super().wait(gen, interval, timeout)
            began = monotonic()
            try:
                return super().wait(gen, interval, seconds)
            except OperationalError as error:
                if monotonic() - began < seconds:
                    raise
                self.close()
                raise AnswerTimedOut(f"no answer within {seconds:g} seconds") from error

    return BoundedConnection


def switch_to_wal(connection: sqlite3.Connection) -> None:
    """Have the file keep a write-ahead log, which it remembers.

    SQLite does not wait for other processes that open a new file at the same moment, so this does,
    for WAL_LIMIT. Raises sqlite3.OperationalError afterwards.
    """
    until = monotonic() + WAL_LIMIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
        sleep(WAL_PAUSE)


def prepare_sqlite(engine: Engine, *, reads_only: bool) -> None:
    """Have SQLite enforce foreign keys, and let one writer and many readers work concurrently.

    Every transaction that may write begins as a writer (BEGIN IMMEDIATE) and waits for the writer
    before it. One that begins as a reader and writes later fails with "database is locked".
    """

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # The driver's own transaction handling begins too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        switch_to_wal(connection)
        # With WAL, NORMAL loses nothing if the process dies, and syncs once per checkpoint.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA query_only = {'ON' if reads_only else 'OFF'}")

    if not reads_only:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def keep_alive(engine: Engine) -> None:
    """Replace connections that the server has closed, without a round trip to test each.

    A server that shuts down sends a message, which stays unread in the socket of an idle
    connection. Checking for it is one system call; `pool_pre_ping` costs a round trip per request.
    """

    @event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, proxy: Any) -> None:
        if connection.closed:
            raise InvalidatePoolError
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise InvalidatePoolError


def roll_back_open_transaction(connection: Any, record: Any, state: Any) -> None:
    """End a transaction that was begun by hand on a reading connection."""
    if hasattr(connection, "in_transaction"):
        is_open = connection.in_transaction
    else:
        is_open = connection.info.transaction_status is not TransactionStatus.IDLE
    if is_open and not state.terminate_only:
        connection.rollback()


def close_changed_connections(engine: Engine) -> None:
    """Close a connection on which a setting was changed, so that the next request does not get it.

    A setting, a lock of the database session and a temporary table outlive the transaction. All
    other connections return to the pool without a round trip.
    """

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if stays_with_connection(statement):
            connection.info[CHANGED] = True

    @event.listens_for(engine, "checkin")
    def close(connection: Any, record: Any) -> None:
        if record.info.pop(CHANGED, False):
            record.invalidate()
