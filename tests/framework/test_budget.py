"""Limits for pages: SQL statements, cookies and bytes.

If a number grows, say why in a comment here.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import CacheStats
from werkzeug.test import TestResponse

from app import product
from app.application import Application
from app.database import db
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, visitor
from tests.contributions import contributed
from tests.sql_trace import SqlTrace


@dataclass(frozen=True)
class Budget:
    """The exact number of statements and cookies, and the maximum of bytes."""

    statements: int
    cookies: int
    bytes: int


# A form needs a session cookie for its CSRF token; other pages of visitors need none.
VISITORS = {
    "/": Budget(statements=0, cookies=0, bytes=9_000),
    "/login": Budget(statements=0, cookies=1, bytes=6_600),
    "/register": Budget(statements=0, cookies=1, bytes=6_600),
    "/reset": Budget(statements=0, cookies=1, bytes=6_000),
    "/preferences": Budget(statements=0, cookies=1, bytes=45_000),
}
# One statement finds the login session with its user, a second one the content of the page (on
# /account, whether emails to the address are rejected). The
# statements that removable parts add to a page are in tests/<part>/budget.py.
ALICES = {
    "/": Budget(statements=1, cookies=0, bytes=11_000),
    "/account": Budget(statements=2, cookies=0, bytes=8_500),
    "/account/password": Budget(statements=1, cookies=0, bytes=8_500),
    "/preferences": Budget(statements=1, cookies=0, bytes=47_000),
    "/devices": Budget(statements=2, cookies=0, bytes=8_500),
    "/activity": Budget(statements=2, cookies=0, bytes=8_500),  # part: activity
}
# Each feature of the product may have one in the navigation.
BYTES_OF_A_LINK = 150
ADDED: Counter[str] = sum(map(Counter, contributed("budget", "STATEMENTS")), Counter())


def spent(response: TestResponse, watched: SqlTrace) -> Budget:
    return Budget(
        len(watched.statements), len(response.headers.getlist("Set-Cookie")), len(response.data)
    )


def assert_kept(path: str, budget: Budget, was: Budget) -> None:
    statements = budget.statements + ADDED[path]
    assert (was.statements, was.cookies) == (statements, budget.cookies)
    assert was.bytes <= budget.bytes + BYTES_OF_A_LINK * len(product.PARTS)


@pytest.mark.parametrize(("path", "budget"), VISITORS.items(), ids=VISITORS)
def test_a_page_of_a_visitor_stays_within_its_budget(
    path: str, budget: Budget, app: Application, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    watched = trace_sql(app)
    assert_kept(path, budget, spent(visitor(app).get(path), watched))


@pytest.mark.parametrize(("path", "budget"), ALICES.items(), ids=ALICES)
def test_a_page_of_alice_stays_within_its_budget(
    path: str,
    budget: Budget,
    app: Application,
    as_alice: Client,
    trace_sql: Callable[[Application], SqlTrace],
) -> None:
    as_alice.get("/account")  # The first page sets the session cookie for her forms.
    watched = trace_sql(app)
    assert_kept(path, budget, spent(as_alice.get(path), watched))


@pytest.fixture
def known_browser(app: Application, alice: User) -> Client:
    """A browser in which Alice has signed in and out."""
    browser = visitor(app)
    browser.sign_in(alice.email)
    browser.sign_out()
    return browser


def test_a_sign_in_stays_within_its_budget(
    app: Application,
    alice: User,
    known_browser: Client,
    is_postgresql: bool,
    trace_sql: Callable[[Application], SqlTrace],
) -> None:
    form = {"email": alice.email, "password": PASSWORD}
    filled = known_browser.page("/login").fields_for("/login") | form
    watched = trace_sql(app)
    assert known_browser.post("/login", data=filled).status_code == 303
    # SQLite needs one statement for each row.
    statements = (13 if is_postgresql else 14) + ADDED["POST /login"]
    assert len(watched.statements) == statements, watched.keywords


def test_signing_in_again_compiles_no_statement(
    app: Application, alice: User, known_browser: Client
) -> None:
    """SQLAlchemy does not cache all statements, and compiling is slower than executing."""
    known_browser.sign_in(alice.email)
    known_browser.sign_out()
    compiled = []

    def note(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, _: Any
    ) -> None:
        if context.compiled and context.cache_hit is not CacheStats.CACHE_HIT:
            compiled.append(statement)

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "after_cursor_execute", note)
    assert known_browser.sign_in(alice.email).status_code == 303
    assert compiled == []
