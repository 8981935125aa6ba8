"""The database: an engine that writes, one that reads, a session that knows which it may use.

Reading goes through an engine of its own in driver autocommit, so that a page costs its SELECTs
and nothing else: no BEGIN, no ROLLBACK. The database itself refuses writes on it.
"""

from datetime import datetime
from sqlite3 import SQLITE_READONLY
from typing import TYPE_CHECKING, Any, cast

from flask import has_app_context
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, event
from sqlalchemy.orm import DeclarativeBase, SessionTransaction, registry

from app.application import Application
from app.clock import UTCDateTime
from app.connections import keep_alive, prepare_sqlite
from app.statements import writes

READING = "reading"

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class ReadOnlyRequest(RuntimeError):
    """A write was tried where only reading is allowed; it did not reach the database."""


class CommitOutsideUnit(RuntimeError):
    """Somebody committed by hand; only the unit of work commits."""


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UTCDateTime}
    )


class UnitSession(Session):
    """A database session that reads, until a unit of work lets it write."""

    # Set by app.unit_of_work and by nothing else.
    writing = False
    may_commit = False
    # True once a statement that changes rows has been sent.
    changed = False

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kw: Any) -> Any:
        engine = super().get_bind(mapper=mapper, clause=clause, bind=bind, **kw)
        engines = self._db.engines
        return engines[READING] if engine is engines[None] and not self.writing else engine

    def has_changes(self) -> bool:
        """Return whether anything would be lost if this session ended now."""
        return bool(
            self.changed
            or self.new
            or self.deleted
            or any(self.is_modified(instance) for instance in self.dirty)
        )

    def end(self) -> None:
        """Commit what there is and give the connection back; what was loaded stays readable."""
        if not self.in_transaction():
            return
        self.may_commit = True
        try:
            self.commit()
        finally:
            self.may_commit = False


@event.listens_for(UnitSession, "before_commit")
def refuse_commit_by_hand(session: UnitSession) -> None:
    if not session.may_commit and not session.in_nested_transaction():
        raise CommitOutsideUnit(
            "db.session.commit() was called by hand, and nothing was committed. In a view call "
            "commit_later() and return; anywhere else write inside `with unit_of_work():`."
        )


@event.listens_for(UnitSession, "after_transaction_end")
def forget_changes(session: UnitSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.changed = False


db = SQLAlchemy(
    model_class=Base, session_options={"class_": UnitSession, "expire_on_commit": False}
)
migrate = Migrate(render_as_batch=True, compare_server_default=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def current_session() -> UnitSession:
    """Return the session behind `db.session` in this app context, made if there is none yet."""
    return cast(UnitSession, db.session())


def init_app(app: Application) -> None:
    timeout = app.config["DATABASE_TIMEOUT"].total_seconds()
    url = app.config["DATABASE_URL"]
    reading: dict[str, Any] = {"url": url, "isolation_level": "AUTOCOMMIT"}
    pool = {
        "pool_size": app.config["DATABASE_POOL_SIZE"],
        "max_overflow": 0,
        "pool_timeout": timeout,
    }
    if url.startswith("sqlite"):
        writing = {"connect_args": {"timeout": timeout}}
        reading["connect_args"] = {"timeout": timeout}
    else:
        writing = {"connect_args": {"connect_timeout": max(2, int(timeout))}}
        reading["connect_args"] = writing["connect_args"] | {
            "options": "-c default_transaction_read_only=on"
        }
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = pool | writing
    app.config["SQLALCHEMY_BINDS"] = {READING: pool | reading}
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        _listen(db.engines[None], reads_only=False)
        _listen(db.engines[READING], reads_only=True)


def _listen(engine: Engine, *, reads_only: bool) -> None:
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine, reads_only=reads_only)
    else:
        keep_alive(engine)
    event.listen(engine, "before_cursor_execute", _refuse_write if reads_only else _note_write)
    if reads_only:
        event.listen(engine, "handle_error", _explain_refusal)


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


def _note_write(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    if has_app_context() and writes(statement):
        current_session().changed = True
