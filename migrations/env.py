"""Run Alembic on the engine with which the application writes.

One process migrates while the others wait, queries do not queue behind a migration that waits for
a lock, and data is dropped only after confirmation. See docs/migrations.md.
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
is_confirmed = context.get_x_argument(as_dictionary=True).get("destructive") == "yes"

# Indexes on a search_key cannot be compared on SQLite: their revisions are written by hand
# (docs/lists.md).
warnings.filterwarnings("ignore", ".*expression-based index", Warning)

VERSIONS = "alembic_version"
# The number is arbitrary: "lockstep" in base 36.
LOCK = text("SELECT pg_try_advisory_lock(1698650752993)")
UNLOCK = text("SELECT pg_advisory_unlock(1698650752993)")
RETRY_INTERVAL = 0.2  # seconds

# Statements that lose data, or that break the version of the site that is still running.
DESTRUCTIVE = re.compile(
    r"""DROP\s+(?:TABLE|SCHEMA|MATERIALIZED)\b
    |   ALTER\s+TABLE\s.*\bDROP\s+(?!CONSTRAINT|DEFAULT|NOT\b|IDENTITY|EXPRESSION)
    |   ALTER\s+TABLE\s.*\bRENAME\b
    |   TRUNCATE\b
    |   DELETE\s+FROM\s+(?!alembic_version\b)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# To change a table, Alembic copies it on SQLite to a table of this name, and renames that.
REBUILT = re.compile(r"""CREATE TABLE "?_alembic_tmp_(\w+)"?""")
REPLACEMENT = r'(?:DROP TABLE "?{0}"?$|ALTER TABLE "?_alembic_tmp_{0}"? RENAME)'


def skip_empty_revision(migration_context: object, revision: object, directives: list) -> None:
    """Write no revision if the models and the database agree."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        print("The models and the database agree; no revision was written.")


def is_compared(name: str | None, kind: str, parents: object) -> bool:
    """Exclude full-text indexes: revisions create them by hand, and models do not declare them."""
    return "_fulltext" not in (name or "")


def render_plain_types(kind: str, value: object, autogenerate_context: object) -> str | bool:
    """Render our column types as types of SQLAlchemy, so that revisions do not import the app."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, ExactDecimal):
        return f"sa.Numeric(precision={value.digits}, scale={value.places})"
    return False


def compare_search_keys_by_name(
    item: Any, name: str | None, kind: str, reflected: bool, compare_to: object
) -> bool:
    """Exclude existing indexes on a search_key: PostgreSQL reflects them without collation."""
    return (
        kind != "index"
        or compare_to is None
        or not any(isinstance(it, search_key) for it in item.expressions)
    )


def allow_rebuilding_tables(connection: Connection) -> None:
    """Disable foreign keys on SQLite, where a table is changed by copying and dropping it.

    With foreign keys, the drop would delete all rows that refer to the table. And enable the
    renaming of SQLite before 3.25: the current one fails while a trigger names the dropped table.
    The first has no effect inside a transaction, so the driver executes both before it begins.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        connection.connection.driver_connection.execute("PRAGMA legacy_alter_table = ON")


def require_valid_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"The migration left rows with broken foreign keys: {broken[:5]}")


@contextmanager
def migration_lock(database: Any) -> Iterator[None]:
    """Hold the lock that lets one process at a time migrate this database.

    On PostgreSQL the lock is polled on a connection in autocommit: CREATE INDEX CONCURRENTLY waits
    for open transactions, so waiting for the lock inside one would be a deadlock. SQLite has one
    writer at a time and needs no other lock.
    """
    if database.engine.dialect.name == "sqlite":
        yield
        return
    with database.engines[READING].connect() as connection:
        while not connection.scalar(LOCK):
            sleep(RETRY_INTERVAL)
        try:
            yield
        finally:
            connection.execute(UNLOCK)


def limit_lock_wait(connection: Connection) -> None:
    """Limit how long a step waits for locks, because later queries queue behind it.

    The time that a step runs is not limited. On SQLite, wait until another process has migrated.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA busy_timeout = 600000")
        return
    milliseconds = int(current_app.config["MIGRATION_LOCK_TIMEOUT"].total_seconds() * 1000)
    connection.exec_driver_sql(f"SET lock_timeout = {milliseconds}")
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.commit()


def refuse_unless_confirmed(change: str, connection: Connection) -> None:
    """Raise CommandError unless destructive changes are confirmed; this rolls back all steps."""
    if not (is_confirmed or connection.info["was_empty"]):
        raise CommandError(
            f"{change} loses data, or breaks the version of the site that is still running. "
            "Nothing was changed. If no running version needs it any more, confirm the change: "
            "`flask db upgrade -x destructive=yes` (docs/migrations.md)."
        )


def refuse_destructive_statements(connection: Connection) -> None:
    """Check each statement, and refuse destructive ones unless the database was empty."""
    rebuilt: set[str] = set()
    connection.info["was_empty"] = not set(inspect(connection).get_table_names()) - {VERSIONS}

    @event.listens_for(connection, "before_cursor_execute")
    def check(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statement = statement.strip()
        if copy := REBUILT.match(statement):
            rebuilt.add(copy[1])
        is_replacement = any(re.match(REPLACEMENT.format(name), statement) for name in rebuilt)
        if DESTRUCTIVE.match(statement) and not is_replacement:
            refuse_unless_confirmed(" ".join(statement.split()), connection)


@Operations.implementation_for(ops.DropColumnOp, replace=True)
def drop_column(operations: Operations, operation: ops.DropColumnOp) -> None:
    """Refuse this too: on SQLite the statement copies the table without the column."""
    column = f"{operation.table_name}.{operation.column_name}"
    refuse_unless_confirmed(f"Dropping {column}", operations.get_bind())
    toimpl.drop_column(operations, operation)


@Operations.implementation_for(ops.AlterColumnOp, replace=True)
def alter_column(operations: Operations, operation: ops.AlterColumnOp) -> None:
    if operation.modify_name is not None:
        column = f"{operation.table_name}.{operation.column_name}"
        refuse_unless_confirmed(f"Renaming {column}", operations.get_bind())
    toimpl.alter_column(operations, operation)


@contextmanager
def advice_to_upgrade() -> Iterator[None]:
    """Add advice to Alembic's error that the database is not up to date."""
    try:
        yield
    except CommandError as error:
        if "not up to date" not in str(error):
            raise
        raise CommandError(
            "The database lacks migrations, and models can be compared only with a database that "
            "has all of them. Run `flask db upgrade` first, then this command again."
        ) from error


def run(engine: Engine) -> None:
    with migration_lock(database), engine.connect() as connection:
        allow_rebuilding_tables(connection)
        limit_lock_wait(connection)
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            process_revision_directives=skip_empty_revision,
            include_name=is_compared,
            render_item=render_plain_types,
            include_object=compare_search_keys_by_name,
            # All steps or none, on SQLite too, because app/database sends BEGIN itself.
            transactional_ddl=True,
            **arguments,
        )
        with advice_to_upgrade(), context.begin_transaction():
            refuse_destructive_statements(connection)
            context.run_migrations()
            require_valid_references(connection)
        # Close it, because its foreign keys are disabled.
        connection.invalidate()


if context.is_offline_mode():
    raise SystemExit("Migrations need a connection: run `flask db upgrade` without --sql.")
run(database.engine)
