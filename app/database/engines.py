"""The engines: one for writing, one for reading, and those for reading that parts add.

The reading engine is in driver autocommit, so that a page costs its SELECTs and nothing else: no
BEGIN and no ROLLBACK. Its connections are read-only in the database itself.
"""

from pathlib import Path
from typing import Any, cast

from flask_migrate import Migrate
from sqlalchemy import Engine, create_engine, event

from app.application import Application
from app.database.connections import (
    close_changed_connections,
    connect_arguments,
    keep_alive,
    limit_waiting,
    prepare_sqlite,
    roll_back_open_transaction,
)
from app.database.session import READING
from app.database.tables import db
from app.database.write_guard import (
    explain_unstorable_value,
    guard_reading_engine,
    guard_writing_engine,
)

# Absolute, so that commands and servers may be started in any directory.
MIGRATIONS = Path(__file__).parents[2] / "migrations"


def init_app(app: Application) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = app.config["DATABASE_URL"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = writing_options(app)
    app.config["SQLALCHEMY_BINDS"] = {READING: reading_options(app, app.config["DATABASE_URL"])}
    db.init_app(app)
    Migrate(app, db, str(MIGRATIONS), render_as_batch=True, compare_server_default=True)
    with app.app_context():
        for name, engine in db.engines.items():
            listen(app, engine, reads_only=name is not None)


def add_reading_engine(app: Application, name: str, url: str) -> Engine:
    """Create another engine that only reads, and list it in `db.engines` with the others.

    Flask-SQLAlchemy reads its setting for engines before any part after this one is wired.
    """
    engine = create_engine(**reading_options(app, url))
    listen(app, engine, reads_only=True)
    with app.app_context():
        cast(dict[str, Engine], db.engines)[name] = engine
    return engine


def writing_options(app: Application) -> dict[str, Any]:
    return {
        "pool_size": app.config["DATABASE_POOL_SIZE"],
        "max_overflow": 0,
        "pool_timeout": app.config["DATABASE_TIMEOUT"].total_seconds(),
        # Errors are logged, so they must not contain the values of a row, except in debug mode.
        "hide_parameters": not app.debug,
        "connect_args": connect_arguments(app, app.config["DATABASE_URL"], reads_only=False),
    }


def reading_options(app: Application, url: str) -> dict[str, Any]:
    return writing_options(app) | {
        "url": url,
        "isolation_level": "AUTOCOMMIT",
        # There is no transaction to roll back, and asking the driver costs more than checking.
        "skip_autocommit_rollback": True,
        "pool_reset_on_return": None,
        "connect_args": connect_arguments(app, url, reads_only=True),
    }


def listen(app: Application, engine: Engine, *, reads_only: bool) -> None:
    """Attach the events that this engine needs."""
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine, reads_only=reads_only)
    else:
        keep_alive(engine)
        if app.config["DATABASE_CLIENT_TIMEOUT"]:
            limit_waiting(engine, app.config["STATEMENT_TIMEOUT"])
    close_changed_connections(engine)
    event.listen(engine, "handle_error", explain_unstorable_value)
    if reads_only:
        event.listen(engine, "reset", roll_back_open_transaction)
        guard_reading_engine(engine)
    else:
        guard_writing_engine(engine)
