"""The database: models, the session of a request, and what the other parts may use of them."""

from app.database.decimals import ExactDecimal
from app.database.engines import add_reading_engine, init_app
from app.database.keyset import Order, OrderRejected, order_of
from app.database.prefix_search import search_key, starts_with
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
    "ExactDecimal",
    "Model",
    "Order",
    "OrderRejected",
    "OutcomeUnknown",
    "ReadOnlyRequest",
    "UnitSession",
    "add_reading_engine",
    "current_session",
    "db",
    "existing_session",
    "init_app",
    "is_committing",
    "order_of",
    "reading_routes",
    "search_key",
    "starts_with",
    "table_of",
]
