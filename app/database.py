"""The database: an engine that writes, one that reads, a session that knows which it may use.

Reading goes through an engine of its own in driver autocommit, so that a page costs its SELECTs
and nothing else: no BEGIN, no ROLLBACK. The database itself refuses writes on it.
"""

from datetime import datetime
from sqlite3 import SQLITE_READONLY
from typing import TYPE_CHECKING, Any, cast

from flask import has_app_context, has_request_context
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, event
from sqlalchemy.exc import DataError
from sqlalchemy.orm import DeclarativeBase, registry

from app import migrating, replica
from app.application import Application
from app.clock import UTCDateTime
from app.commits import watch_commits
from app.connections import (
    connect_to_postgresql,
    connect_to_sqlite,
    keep_alive,
    prepare_sqlite,
    replace_changed,
    roll_back_what_is_open,
)
from app.deadlines import limit_waiting
from app.statements import ends_transaction, writes
from app.unit_session import (
    COMMIT_BY_HAND,
    READING,
    CommitOutsideUnit,
    ReadOnlyRequest,
    UnitSession,
)

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UTCDateTime}
    )


def _scope() -> object:
    """Return what a database session belongs to: the app context, and not the number of its place.

    The next context may stand in the same place, and would find a session that a teardown
    function of somebody else kept from being removed.
    """
    return app_ctx._get_current_object()  # type: ignore[attr-defined]  # a proxy


db = SQLAlchemy(
    model_class=Base,
    session_options={"class_": UnitSession, "expire_on_commit": False, "scopefunc": _scope},
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def current_session() -> UnitSession:
    """Return the session behind `db.session` in this app context, made if there is none yet."""
    return cast(UnitSession, db.session())


def begun_session() -> UnitSession | None:
    """Return the session of this app context, or None where nothing has needed one."""
    return current_session() if db.session.registry.has() else None


def init_app(app: Application) -> None:
    url = app.config["DATABASE_URL"]
    timeout = app.config["DATABASE_TIMEOUT"].total_seconds()
    connect = connect_to_sqlite if url.startswith("sqlite") else connect_to_postgresql
    pool = {
        "pool_size": app.config["DATABASE_POOL_SIZE"],
        "max_overflow": 0,
        "pool_timeout": timeout,
        # No value of a row in an error, and so in no log. Developers see theirs.
        "hide_parameters": not app.debug,
    }
    writing = {"connect_args": connect(timeout, reads_only=False)}
    reading = {
        "url": url,
        "isolation_level": "AUTOCOMMIT",
        # Nothing is open after reading, and asking the driver each time costs more than looking.
        "skip_autocommit_rollback": True,
        "pool_reset_on_return": None,
        "connect_args": connect(timeout, reads_only=True),
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = pool | writing
    app.config["SQLALCHEMY_BINDS"] = {READING: pool | reading}
    if app.config["DATABASE_REPLICA_URL"]:
        copy = {"url": app.config["DATABASE_REPLICA_URL"]}
        app.config["SQLALCHEMY_BINDS"][replica.REPLICA] = pool | reading | copy
    db.init_app(app)
    migrating.init_app(app, db)
    with app.app_context():
        for name, engine in db.engines.items():
            _listen(engine, reads_only=name is not None)
        limit_waiting(app, db.engines.values())
        replica.init_app(app, db.engines)


def _listen(engine: Engine, *, reads_only: bool) -> None:
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine, reads_only=reads_only)
    else:
        keep_alive(engine)
    replace_changed(engine)
    event.listen(engine, "handle_error", _name_unkeepable)
    if reads_only:
        event.listen(engine, "reset", roll_back_what_is_open)
        event.listen(engine, "before_cursor_execute", _refuse_write)
        event.listen(engine, "handle_error", _explain_refusal)
    else:
        event.listen(engine, "before_cursor_execute", _note_write)
        event.listen(engine, "commit", _refuse_commit)
        watch_commits(engine)


def _refuse_write(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    if writes(statement):
        raise ReadOnlyRequest(
            f"{statement.split(maxsplit=1)[0]} was refused before it reached the database: here "
            "the database is only read. Write in a view for POST, PUT, PATCH or DELETE that calls "
            "commit_later(), or inside `with unit_of_work():`."
        )


def _explain_refusal(context: ExceptionContext) -> ReadOnlyRequest | None:
    """Name what happened where a function called by a SELECT tried to write."""
    error = context.original_exception
    if isinstance(error, ReadOnlySqlTransaction) or (
        getattr(error, "sqlite_errorcode", None) == SQLITE_READONLY
    ):
        return ReadOnlyRequest(f"The database refused a write where it is only read: {error}")
    return None


def _name_unkeepable(context: ExceptionContext) -> DataError | None:
    """Name what the driver itself could not send: a number too large, half a character."""
    error = context.original_exception
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return DataError(context.statement, None, error, hide_parameters=True)
    return None


def _note_write(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    """Keep in mind that something changed, also where it went around `db.session`."""
    unit_session = _session_of_unit()
    if unit_session is None:
        return
    if ends_transaction(statement):
        raise CommitOutsideUnit(COMMIT_BY_HAND)
    if writes(statement):
        if not unit_session.writing:
            _refuse_write(connection, cursor, statement)
        unit_session.changed = True


def _refuse_commit(connection: Connection) -> None:
    unit_session = _session_of_unit()
    if unit_session is not None and not unit_session.may_commit:
        raise CommitOutsideUnit(COMMIT_BY_HAND)


def _session_of_unit() -> UnitSession | None:
    """Return the session where a unit of work decides; migrations and shells go their own way."""
    if not has_app_context():
        return None
    found = current_session()
    return found if found.writing or has_request_context() else None
