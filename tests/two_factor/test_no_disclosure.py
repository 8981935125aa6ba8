"""A2: before the right password, no response reveals whether a user has a second factor."""

import re
from collections.abc import Callable
from statistics import median
from time import process_time

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import visitor
from tests.sql_trace import SqlTrace
from tests.two_factor.phones import Phone

MakeApp = Callable[..., Application]
# Values that change with each request: tokens and nonces.
CHANGING = re.compile(r'(value|nonce)="[^"]*"')
ROUNDS = 12


def guess(client: Client, email: str) -> tuple[int, str, list[str]]:
    response = client.sign_in(email, "not the password of anybody")
    page = CHANGING.sub("", response.text)
    return response.status_code, page, sorted(dict(response.headers))


def test_a2_the_response_to_a_wrong_password_is_the_same(
    app: Application, alice: User, bob: User, phone: Phone
) -> None:
    responses = [
        guess(visitor(app), email) for email in (alice.email, bob.email, "nobody@example.com")
    ]
    assert responses[0] == responses[1] == responses[2]


def test_a2_a_wrong_password_runs_no_query_about_factors(
    app: Application, alice: User, phone: Phone, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    client, watched = visitor(app), trace_sql(app)
    guess(client, alice.email)
    sent = " ".join(map(str, watched.statements))
    assert "users" in sent, "the trace contains the lookup of the user"
    assert "authenticators" not in sent
    assert "trusted_devices" not in sent


def test_a2_a_wrong_password_takes_as_long(
    make_app: MakeApp, alice: User, bob: User, phone: Phone
) -> None:
    """Measured as CPU time of this process, alternating between both users."""
    app = make_app(LOGIN_ATTEMPTS=999, LOGIN_ATTEMPTS_PER_ADDRESS=999)
    client = visitor(app)
    took: dict[str, list[float]] = {alice.email: [], bob.email: []}
    for _ in range(ROUNDS):
        for email, times in took.items():
            begun = process_time()
            guess(client, email)
            times.append(process_time() - begun)
    with_factor, without = map(median, took.values())
    print(f"median of {ROUNDS}: {1000 * with_factor:.1f} ms and {1000 * without:.1f} ms")
    assert 0.8 < with_factor / without < 1.25, f"{with_factor:.4f} s and {without:.4f} s"
