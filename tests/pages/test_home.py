"""The first page."""

from collections.abc import Callable

from app.application import Application
from tests.client import Client
from tests.wire import Wire


def test_a_visitor_is_shown_the_way_in(client: Client) -> None:
    page = client.page("/")
    assert page.one("a", href="/login", **{"class": "btn btn-primary"}).text == "Sign in"


def test_alice_is_shown_the_way_to_her_account(as_alice: Client) -> None:
    page = as_alice.page("/")
    assert page.one("a", href="/account", **{"class": "btn btn-primary"})


def test_a_visitor_without_cookies_leaves_without_any(client: Client) -> None:
    """So that a cache in front may keep the page, and nobody is asked about cookies."""
    headers = client.get("/").headers
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")


def test_a_visitor_costs_the_database_nothing(
    client: Client, wire: Callable[[Application], Wire]
) -> None:
    watched = wire(client.application)
    client.get("/")
    assert watched.said == []


def test_alice_costs_one_query(as_alice: Client, wire: Callable[[Application], Wire]) -> None:
    as_alice.get("/")
    watched = wire(as_alice.application)
    as_alice.get("/")
    watched.forget()
    as_alice.get("/")
    assert watched.verbs == ["SELECT"]


def test_what_is_shown_to_alice_is_shown_to_nobody_else(as_alice: Client, client: Client) -> None:
    as_alice.get("/")
    assert "Sign out" not in client.page("/").text
