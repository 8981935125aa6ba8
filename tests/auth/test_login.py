"""Signing in."""

from collections.abc import Callable

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD
from tests.wire import Wire


def test_alice_signs_in_and_sees_her_account(client: Client, alice: User) -> None:
    response = client.submit("/login", email="alice@example.com", password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/account")
    assert "alice@example.com" in client.page("/account").text


def test_a_wrong_password_signs_nobody_in(client: Client, alice: User) -> None:
    response = client.submit("/login", email="alice@example.com", password="wrong")
    assert response.status_code == 422
    assert client.get("/account").status_code == 303


def test_a_page_costs_one_query(as_alice: Client, wire: Callable[[Application], Wire]) -> None:
    as_alice.get("/account")
    watched = wire(as_alice.application)
    as_alice.get("/account")
    watched.forget()
    as_alice.get("/account")
    assert watched.verbs == ["SELECT"]
    watched.forget()
    as_alice.submit("/account", display_name="Alice")
    assert watched.verbs == ["SELECT", "BEGIN", "SELECT", "UPDATE", "COMMIT"]
