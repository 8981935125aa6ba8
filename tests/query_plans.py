"""Explain the statements that PostgreSQL receives, with sequential scans disabled.

A plan with a sequential scan then means that no index can be used.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from app.application import Application
from app.database import db

# Tables that do not grow with the number of users.
SMALL = {"retentions"}
FINDS_ROWS = ("SELECT", "UPDATE", "DELETE", "WITH")
Statements = dict[str, Any]


@pytest.fixture
def statements(app: Application) -> Iterator[Statements]:
    """The statements from here on, each with the values it was last sent with."""
    sent: Statements = {}

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(FINDS_ROWS):
            sent[statement] = values[0] if isinstance(values, list) else values

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def scans(url: str, statements: Statements) -> list[str]:
    """Return the statements that read a large table sequentially."""
    found = []
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("SET enable_seqscan = off")
        for statement, values in statements.items():
            plan = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()
            assert plan is not None
            found += [f"{name}: {statement}" for name in scanned(plan[0][0]["Plan"])]
    return found


def scanned(plan: dict[str, Any]) -> Iterator[str]:
    """Return the large tables that a plan reads sequentially."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] not in SMALL:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from scanned(part)
