"""The database: models, the session of a request, and what the other parts may use of them."""

from app.database.engines import add_reading_engine, init_app
from app.database.session import (
    READING,
    CommitOutsideUnit,
    ReadOnlyRequest,
    UnitSession,
    reading_routes,
)
from app.database.tables import Model, current_session, db, existing_session, table_of
from app.database.write_guard import ChangesLost, OutcomeUnknown, is_committing

__all__ = [
    "READING",
    "ChangesLost",
    "CommitOutsideUnit",
    "Model",
    "OutcomeUnknown",
    "ReadOnlyRequest",
    "UnitSession",
    "add_reading_engine",
    "current_session",
    "db",
    "existing_session",
    "init_app",
    "is_committing",
    "reading_routes",
    "table_of",
]
