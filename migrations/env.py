"""How Alembic reaches the database: by the application's own writing engine."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine

from app.clock import UTCDateTime

config = context.config
database = current_app.extensions["migrate"].db
arguments = current_app.extensions["migrate"].configure_args


def leave_out_empty(migration_context: object, revision: object, directives: list) -> None:
    """Make no revision when nothing has changed."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        print("The models and the database agree; no revision was made.")


def write_plain_types(kind: str, value: object, autogenerate_context: object) -> str | bool:
    """Write our own column types as what they are in the database, so that revisions last."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


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


def run(engine: Engine) -> None:
    with engine.connect() as connection:
        let_tables_be_rebuilt(connection)
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            process_revision_directives=leave_out_empty,
            render_item=write_plain_types,
            # All steps or none: SQLite's tables are transactional too, where BEGIN is our own.
            transactional_ddl=True,
            **arguments,
        )
        with context.begin_transaction():
            context.run_migrations()
            require_whole_references(connection)
        # Never back into the pool with its foreign keys off.
        connection.invalidate()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: run `flask db upgrade` where it is reached.")
run(database.engine)
