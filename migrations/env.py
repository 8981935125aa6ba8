"""How Alembic reaches the database: by the application's own writing engine.

One process migrates while the others wait, nobody is kept waiting behind a migration that itself
waits for a lock, and nothing that holds data is dropped unasked. See docs/migrations.md.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

from alembic import context
from alembic.operations import Operations, ops, toimpl
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, Engine, event, inspect, text

from app.clock import UTCDateTime
from app.database import READING, ExactDecimal, search_key

config = context.config
database = current_app.extensions["migrate"].db
arguments = current_app.extensions["migrate"].configure_args
is_asked_for = context.get_x_argument(as_dictionary=True).get("destructive") == "yes"

# Indexes on a search_key cannot be compared on SQLite: their revisions are written by hand
# (docs/lists.md).
warnings.filterwarnings("ignore", ".*expression-based index", Warning)

VERSIONS = "alembic_version"
# Any number that nobody else takes; this one is "lockstep" counted in base 36.
LOCK = text("SELECT pg_try_advisory_lock(1698650752993)")
UNLOCK = text("SELECT pg_advisory_unlock(1698650752993)")
LOOK_EVERY = 0.2  # seconds

# What loses data, or what the version of the site that is still running cannot do without.
DESTRUCTIVE = re.compile(
    r"""DROP\s+(?:TABLE|SCHEMA|MATERIALIZED)\b
    |   ALTER\s+TABLE\s.*\bDROP\s+(?!CONSTRAINT|DEFAULT|NOT\b|IDENTITY|EXPRESSION)
    |   ALTER\s+TABLE\s.*\bRENAME\b
    |   TRUNCATE\b
    |   DELETE\s+FROM\s+(?!alembic_version\b)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# SQLite changes a table by copying it to one of this name, which then takes its place.
REBUILT = re.compile(r"""CREATE TABLE "?_alembic_tmp_(\w+)"?""")
IN_ITS_PLACE = r'(?:DROP TABLE "?{0}"?$|ALTER TABLE "?_alembic_tmp_{0}"? RENAME)'


def leave_out_empty(migration_context: object, revision: object, directives: list) -> None:
    """Make no revision when nothing has changed."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        print("The models and the database agree; no revision was made.")


def is_compared(name: str | None, kind: str, parents: object) -> bool:
    """Leave out full-text indexes: a revision makes them by hand, and no model declares them."""
    return "_fulltext" not in (name or "")


def write_plain_types(kind: str, value: object, autogenerate_context: object) -> str | bool:
    """Write our own column types as what they are in the database, so that revisions last."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, ExactDecimal):
        return f"sa.Numeric(precision={value.digits}, scale={value.places})"
    return False


def compare_search_keys_by_name(
    item: Any, name: str | None, kind: str, reflected: bool, compare_to: object
) -> bool:
    """Leave out an index on a search_key that exists: PostgreSQL reflects it without collation."""
    return (
        kind != "index"
        or compare_to is None
        or not any(isinstance(it, search_key) for it in item.expressions)
    )


def let_tables_be_rebuilt(connection: Connection) -> None:
    """Switch SQLite's foreign keys off: it changes a table by making it anew and dropping the old.

    With them on, the drop would delete every row that points to it. And renaming as SQLite did
    before 3.25: today it refuses while a trigger names the table that was just dropped. It cannot
    be switched inside a transaction, so this speaks to the driver before one begins.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        connection.connection.driver_connection.execute("PRAGMA legacy_alter_table = ON")


def require_whole_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"The migration left rows that point nowhere: {broken[:5]}")


@contextmanager
def alone(database: Any) -> Iterator[None]:
    """Wait until no other process migrates this database, and keep the others waiting.

    PostgreSQL: the lock is asked for again and again on a connection in autocommit. Waiting inside
    a transaction would be waited for by CREATE INDEX CONCURRENTLY, and both would wait for ever.
    SQLite has one writer at a time and needs no lock beside its own.
    """
    if database.engine.dialect.name == "sqlite":
        yield
        return
    with database.engines[READING].connect() as connection:
        while not connection.scalar(LOCK):
            sleep(LOOK_EVERY)
        try:
            yield
        finally:
            connection.execute(UNLOCK)


def limit_waiting(connection: Connection) -> None:
    """Have a step wait shortly for locks, because whoever comes after it waits behind it.

    How long a step may work is not limited. SQLite waits for whoever else is migrating.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA busy_timeout = 600000")
        return
    milliseconds = int(current_app.config["MIGRATION_LOCK_TIMEOUT"].total_seconds() * 1000)
    connection.exec_driver_sql(f"SET lock_timeout = {milliseconds}")
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.commit()


def refuse(what: str, connection: Connection) -> None:
    """Raise CommandError unless destruction was asked for; all steps of this run are undone."""
    if not (is_asked_for or connection.info["was_empty"]):
        raise CommandError(
            f"{what} loses data, or breaks the version of the site that is still running. Nothing "
            "was changed. If no running version needs it any more, say so: "
            "`flask db upgrade -x destructive=yes` (docs/migrations.md)."
        )


def watch(connection: Connection) -> None:
    """Refuse what is destructive, unless the database is new and has nothing to lose."""
    rebuilt: set[str] = set()
    connection.info["was_empty"] = not set(inspect(connection).get_table_names()) - {VERSIONS}

    @event.listens_for(connection, "before_cursor_execute")
    def look(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statement = statement.strip()
        if copy := REBUILT.match(statement):
            rebuilt.add(copy[1])
        in_its_place = any(re.match(IN_ITS_PLACE.format(name), statement) for name in rebuilt)
        if DESTRUCTIVE.match(statement) and not in_its_place:
            refuse(" ".join(statement.split()), connection)


@Operations.implementation_for(ops.DropColumnOp, replace=True)
def drop_column(operations: Operations, operation: ops.DropColumnOp) -> None:
    """Refuse it here as well: SQLite drops a column by leaving it out of the copy."""
    refuse(f"Dropping {operation.table_name}.{operation.column_name}", operations.get_bind())
    toimpl.drop_column(operations, operation)


@Operations.implementation_for(ops.AlterColumnOp, replace=True)
def alter_column(operations: Operations, operation: ops.AlterColumnOp) -> None:
    if operation.modify_name is not None:
        refuse(f"Renaming {operation.table_name}.{operation.column_name}", operations.get_bind())
    toimpl.alter_column(operations, operation)


@contextmanager
def saying_what_to_do() -> Iterator[None]:
    """Say what to do where Alembic only says that the database is behind the code."""
    try:
        yield
    except CommandError as error:
        if "not up to date" not in str(error):
            raise
        raise CommandError(
            "The database lacks migrations that are here already, and models are held against the "
            "database as it is. Run `flask db upgrade` first, then this again."
        ) from error


def run(engine: Engine) -> None:
    with alone(database), engine.connect() as connection:
        let_tables_be_rebuilt(connection)
        limit_waiting(connection)
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            process_revision_directives=leave_out_empty,
            include_name=is_compared,
            render_item=write_plain_types,
            include_object=compare_search_keys_by_name,
            # All steps or none: SQLite's tables are transactional too, where BEGIN is our own.
            transactional_ddl=True,
            **arguments,
        )
        with saying_what_to_do(), context.begin_transaction():
            watch(connection)
            context.run_migrations()
            require_whole_references(connection)
        # Never back into the pool with its foreign keys off.
        connection.invalidate()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: run `flask db upgrade` where it is reached.")
run(database.engine)
