"""The database: models, the session of a request, and what the other parts may use of them."""

from app.database.engines import init_app
from app.database.session import (
    READING,
    CommitOutsideUnit,
    ReadOnlyRequest,
    UnitSession,
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
    "current_session",
    "db",
    "existing_session",
    "init_app",
    "is_committing",
    "table_of",
]
