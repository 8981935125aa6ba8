"""The class of all models, and the database session of one application context."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase, registry
from werkzeug.local import LocalProxy

from app.clock import UTCDateTime
from app.database.session import UnitSession

# Every constraint has a name that is the same on every machine, so that a migration can drop it.
NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: UTCDateTime},
    )


db = SQLAlchemy(
    model_class=Base,
    session_options={
        "class_": UnitSession,
        "expire_on_commit": False,
        # A session belongs to one application context. Flask-SQLAlchemy uses its `id()`, which a
        # later context may have again. It would then find a session that was left behind.
        "scopefunc": cast(LocalProxy[object], app_ctx)._get_current_object,
    },
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def current_session() -> UnitSession:
    """Return the session behind `db.session` in this context; create it if there is none."""
    return cast(UnitSession, db.session())


def existing_session() -> UnitSession | None:
    """Return the session of this context, or None if nothing has used one yet."""
    return current_session() if db.session.registry.has() else None


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table of a model, for statements that concern rows and not objects.

    They cost half, because no object in memory has to be synchronized.
    """
    return cast(Table, model.__table__)
