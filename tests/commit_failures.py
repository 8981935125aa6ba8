"""Make commits fail for real reasons: `with failure(site) as act:`, and the view calls act().

Nothing is patched: constraints, locks, processes and connections are real.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import create_engine, event, make_url, text

from app.database import db
from app.users.accounts import find_user
from config import psycopg_url
from tests.view_site import Site, add, run

CommitFailure = Iterator[Callable[[], object]]


@contextmanager
def deferred_refusal(database_url: str, table: str) -> Iterator[None]:
    """Make the database accept changes of `table`, and reject them at COMMIT."""
    install, remove = SQLITE if database_url.startswith("sqlite") else POSTGRESQL
    for statement in install:
        run(database_url, statement.format(table=table))
    try:
        yield
    finally:
        for statement in remove:
            run(database_url, statement.format(table=table))


SQLITE = (
    [
        "CREATE TABLE refusals (user_id integer REFERENCES users (id) "
        "DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER refuse_insert AFTER INSERT ON {table} "
        "BEGIN INSERT INTO refusals VALUES (-1); END",
        "CREATE TRIGGER refuse_delete AFTER DELETE ON {table} "
        "BEGIN INSERT INTO refusals VALUES (-1); END",
    ],
    ["DROP TRIGGER refuse_insert", "DROP TRIGGER refuse_delete", "DROP TABLE refusals"],
)
POSTGRESQL = (
    [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'refused at COMMIT'; END $$",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR DELETE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
    ["DROP TRIGGER refuse ON {table}", "DROP FUNCTION refuse"],
)


@contextmanager
def deferred_trigger(site: Site) -> CommitFailure:
    with deferred_refusal(site.database_url, "users"):
        yield lambda: None


@contextmanager
def deferred_unique(site: Site) -> CommitFailure:
    """The email address is taken, and the constraint is checked at COMMIT."""
    run(site.database_url, "ALTER TABLE users DROP CONSTRAINT uq_users_email")
    unique = "ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE (email)"
    run(site.database_url, f"{unique} DEFERRABLE INITIALLY DEFERRED")
    try:
        yield lambda: (add("alice@example.com"), db.session.flush())
    finally:
        run(site.database_url, "ALTER TABLE users DROP CONSTRAINT uq_users_email")
        run(site.database_url, unique)


@contextmanager
def taken(site: Site) -> CommitFailure:
    yield lambda: add("alice@example.com")


@contextmanager
def write_skew(site: Site) -> CommitFailure:
    """Two serializable transactions read what the other one writes."""

    def overtake() -> None:
        db.session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        db.session.execute(text("SELECT count(*) FROM users"))
        other = create_engine(psycopg_url(site.database_url), isolation_level="SERIALIZABLE")
        with other.begin() as connection:
            connection.execute(text("SELECT count(*) FROM users"))
            connection.execute(text(RENAME_ALICE))
        other.dispose()

    yield overtake


@contextmanager
def row_changed_since_snapshot(site: Site) -> CommitFailure:
    """Another transaction changed the row after the snapshot of this one."""

    def change_too() -> None:
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        db.session.execute(text("SELECT count(*) FROM users"))
        run(site.database_url, RENAME_ALICE)
        rename_alice_at_commit()

    yield change_too


@contextmanager
def connection_terminated(site: Site) -> CommitFailure:
    yield lambda: (db.session.flush(), lose_connection(site.database_url))


@contextmanager
def read_only_server(site: Site) -> CommitFailure:
    """The server is a standby, which is read-only."""
    url = make_url(site.database_url)
    server_url = url.set(database="postgres").render_as_string(hide_password=False)
    run(server_url, f"ALTER DATABASE {url.database} SET default_transaction_read_only = on")
    try:
        yield lambda: None
    finally:
        run(server_url, f"ALTER DATABASE {url.database} RESET default_transaction_read_only")
        with site.app.app_context():
            db.engine.dispose()


@contextmanager
def row_locked(site: Site) -> CommitFailure:
    """Another transaction locks the row for longer than the timeout."""
    site.settings["DATABASE_TIMEOUT"] = timedelta(milliseconds=200)
    with closing(psycopg.connect(site.database_url)) as other:
        other.execute(RENAME_ALICE)
        yield rename_alice_at_commit


@contextmanager
def disk_full(site: Site) -> CommitFailure:
    """SQLite may not add a page to its file, which has no free pages."""
    with closing(sqlite3.connect(make_url(site.database_url).database or "")) as connection:
        connection.execute("VACUUM")

    def forbid_growth(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no fewer than there are already

    with site.app.app_context():
        event.listen(db.engine, "connect", forbid_growth)

    def write_much() -> None:
        for number in range(1000):
            add(f"{number:0200}@example.com")

    yield write_much
    with site.app.app_context():
        event.remove(db.engine, "connect", forbid_growth)
        db.engine.dispose()


@contextmanager
def file_locked(site: Site) -> CommitFailure:
    """Another process holds the write lock for longer than the timeout."""
    site.settings["DATABASE_TIMEOUT"] = timedelta(milliseconds=200)
    command = [sys.executable, "-c", HOLD_LOCK, make_url(site.database_url).database or ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield lambda: None
        process.communicate(timeout=10)


HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""
RENAME_ALICE = "UPDATE users SET display_name = 'Ally' WHERE email = 'alice@example.com'"


def rename_alice_at_commit() -> None:
    """Change the row in a pending change, which is flushed when the unit commits."""
    find_user("alice@example.com").display_name = "Alice"  # type: ignore[union-attr]  # Alice exists


def lose_connection(database_url: str) -> None:
    """Close the connection of the unit: on the server, or in SQLite's driver."""
    driver: Any = db.session.connection().connection.dbapi_connection
    if database_url.startswith("sqlite"):
        driver.close()
    else:
        pid = driver.info.backend_pid
        run(database_url, "SELECT pg_terminate_backend(:pid, 5000)", pid=pid)
