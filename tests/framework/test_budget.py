"""What a page may cost, counted and not timed: statements, cookies, bytes.

A number that has to grow is a decision: write down here what it buys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import CacheStats
from werkzeug.test import TestResponse

from app.application import Application
from app.database import db
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, visitor
from tests.sql_trace import Wire


@dataclass(frozen=True)
class Budget:
    """What a page costs: exactly so many statements and cookies, and at most so many bytes."""

    statements: int
    cookies: int
    bytes: int


# A visitor's first: a form needs a session for its token, and a page without one needs nothing.
VISITORS = {
    "/": Budget(statements=0, cookies=0, bytes=9_000),
    "/login": Budget(statements=0, cookies=1, bytes=6_600),
    "/register": Budget(statements=0, cookies=1, bytes=6_600),
    "/reset": Budget(statements=0, cookies=1, bytes=6_000),
    "/preferences": Budget(statements=0, cookies=1, bytes=45_000),
}
# The one statement finds the login and its person; a second one finds what the page shows. On
# pages about the account, another says which ways of proving who one is there are.
ALICES = {
    "/": Budget(statements=1, cookies=0, bytes=11_000),
    "/account": Budget(statements=2, cookies=0, bytes=8_500),
    "/account/password": Budget(statements=2, cookies=0, bytes=8_500),
    "/preferences": Budget(statements=1, cookies=0, bytes=47_000),
    "/devices": Budget(statements=3, cookies=0, bytes=8_500),
    "/activity": Budget(statements=2, cookies=0, bytes=8_500),
}


def spent(response: TestResponse, watched: Wire) -> Budget:
    return Budget(
        len(watched.said), len(response.headers.getlist("Set-Cookie")), len(response.data)
    )


def assert_kept(budget: Budget, was: Budget) -> None:
    assert (was.statements, was.cookies) == (budget.statements, budget.cookies)
    assert was.bytes <= budget.bytes


@pytest.mark.parametrize(("path", "budget"), VISITORS.items(), ids=VISITORS)
def test_what_a_visitor_s_page_costs(
    path: str, budget: Budget, app: Application, wire: Callable[[Application], Wire]
) -> None:
    watched = wire(app)
    assert_kept(budget, spent(visitor(app).get(path), watched))


@pytest.mark.parametrize(("path", "budget"), ALICES.items(), ids=ALICES)
def test_what_alice_s_page_costs(
    path: str,
    budget: Budget,
    app: Application,
    as_alice: Client,
    wire: Callable[[Application], Wire],
) -> None:
    as_alice.get("/account")  # The first page begins the session of her forms.
    watched = wire(app)
    assert_kept(budget, spent(as_alice.get(path), watched))


@pytest.fixture
def known_browser(app: Application, alice: User) -> Client:
    """One with which Alice has signed in, and out again."""
    browser = visitor(app)
    browser.sign_in(alice.email)
    browser.sign_out()
    return browser


def test_what_signing_in_costs(
    app: Application,
    alice: User,
    known_browser: Client,
    is_postgresql: bool,
    wire: Callable[[Application], Wire],
) -> None:
    browser, form = known_browser, {"email": alice.email, "password": PASSWORD}
    filled = browser.page("/login").fields_for("/login") | form
    watched = wire(app)
    assert browser.post("/login", data=filled).status_code == 303
    # SQLite is sent its rows one by one.
    assert len(watched.said) == (14 if is_postgresql else 15), watched.verbs


def test_signing_in_again_compiles_no_statement(
    app: Application, alice: User, known_browser: Client
) -> None:
    """Not all that SQLAlchemy compiles is kept, and compiling takes longer than being answered."""
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
