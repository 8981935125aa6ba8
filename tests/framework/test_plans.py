"""Every query finds its rows by an index, so that it is as fast with two million users.

The test visits the whole site, and explains each statement that PostgreSQL received with
sequential scans disabled. A plan with a sequential scan then means that no index fits.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select

from app.application import Application
from app.database import db
from app.jobs.queue import queues
from app.monitoring.rows import RowCollector
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, databases, signed_in, visitor
from tests.emailed_links import PASSPHRASE

# Tables that do not grow with the number of users.
SMALL = {"retentions"}
FINDS_ROWS = ("SELECT", "UPDATE", "DELETE", "WITH")
Statements = dict[str, Any]

# No tests if there is no PostgreSQL.
pytestmark = pytest.mark.parametrize(
    "database_url", [it for it in databases() if it == "postgresql"], indirect=True
)


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


def visit_every_page(browser: Client) -> None:
    for rule in browser.application.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            browser.get(rule.rule)


def run_maintenance(app: Application) -> None:
    """Run the commands of an operator, the due jobs and the queries of /metrics."""
    for words in (["prune"], ["mail", "list"], ["jobs", "list"], ["mail", "retry", "--all"]):
        result = app.test_cli_runner().invoke(args=words)
        assert result.exit_code == 0, result.output
    with app.app_context():
        for queue in queues.items(app):
            queue.process_next()
            run_queries_of_metrics()


def run_queries_of_metrics() -> None:
    list(RowCollector().collect())


def test_no_query_scans_a_table(
    app: Application,
    alice: User,
    bob: User,
    clock: Clock,
    link: Callable[[str], str],
    statements: Statements,
    database_url: str,
) -> None:
    here, there = visitor(app), signed_in(app, alice)
    here.sign_in(alice.email, remember=True)
    visitor(app).sign_in("nobody@example.com")
    visit_every_page(here)
    here.submit("/account", display_name="Alice")
    here.submit("/account/password", current_password=PASSWORD, password=PASSPHRASE)
    here.submit("/preferences", theme="dark")
    here.submit("/account/email", email="alice@example.org")
    here.submit("/account/export")  # part: export
    stranger = visitor(app)
    stranger.submit("/reset", email="bob@example.com")
    stranger.submit(link("bob@example.com"), password=PASSPHRASE)
    stranger.submit("/register", email="charlie@example.com")
    stranger.submit(link("charlie@example.com"), password=PASSPHRASE)
    stranger.submit("/account/email", email="charlie@example.org")
    stranger.submit(link("charlie@example.org"))
    stranger.submit(link("charlie@example.com"))
    there.get("/devices")
    clock.forward(hours=3)
    visit_every_page(here)
    last = visitor(app)
    last.sign_in(alice.email, PASSPHRASE)
    last.submit("/account/delete")
    run_maintenance(app)
    clock.forward(days=40)
    run_maintenance(app)
    assert len(statements) > 40
    assert not scans(database_url, statements), (
        "Add an index: the query becomes slower as the table grows."
    )


def test_a_query_without_an_index_is_found(
    app: Application, statements: Statements, database_url: str
) -> None:
    with app.app_context():
        db.session.scalars(select(User).where(User.display_name == "Alice")).all()
    [found] = scans(database_url, statements)
    assert found.startswith("users: SELECT")
