"""A2: a request with an email address runs the same queries whether or not it has an account.

`make timing` measures the time; these tests count the queries.
"""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, visitor
from tests.sql_trace import SqlTrace

Act = Callable[[Client, str], object]


def sign_in(client: Client, email: str) -> None:
    client.sign_in(email, "a wrong password")


def register(client: Client, email: str) -> None:
    client.submit("/register", email=email)


def reset(client: Client, email: str) -> None:
    client.submit("/reset", email=email)


def resend(client: Client, email: str) -> None:
    client.submit("/check-mail")


@pytest.mark.parametrize(
    ("act", "before"),
    [
        (sign_in, None),
        (register, None),
        (reset, None),
        (resend, register),
        (resend, reset),
    ],
)
def test_a2_known_and_unknown_addresses_cost_the_same_queries(
    act: Act,
    before: Act | None,
    app: Application,
    alice: User,
    clock: Clock,
    trace_sql: Callable[[Application], SqlTrace],
) -> None:
    queries = []
    for email in ("nobody@example.com", "alice@example.com"):
        client = visitor(app)
        if before:
            before(client, email)
            clock.forward(minutes=1)
        watched = trace_sql(app)
        act(client, email)
        queries.append(watched.keywords)
    assert queries[0] == queries[1]
