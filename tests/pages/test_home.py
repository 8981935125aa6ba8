"""The home page."""

from collections.abc import Callable

from app.application import Application
from tests.client import Client
from tests.sql_trace import SqlTrace


def test_a_visitor_gets_a_sign_in_button(client: Client) -> None:
    page = client.page("/")
    assert page.one("a", href="/login", **{"class": "btn btn-primary"}).text == "Sign in"


def test_a_signed_in_user_gets_a_link_to_the_account(as_alice: Client) -> None:
    page = as_alice.page("/")
    assert page.one("a", href="/account", **{"class": "btn btn-primary"})


def test_a_visitor_gets_no_cookie(client: Client) -> None:
    """Caches may then store the page, and no cookie banner is needed."""
    headers = client.get("/").headers
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")


def test_a_visitor_costs_no_query(
    client: Client, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    watched = trace_sql(client.application)
    client.get("/")
    assert watched.statements == []


def test_a_signed_in_user_costs_one_query(
    as_alice: Client, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    as_alice.get("/")
    watched = trace_sql(as_alice.application)
    as_alice.get("/")
    watched.clear()
    as_alice.get("/")
    assert watched.keywords == ["SELECT"]


def test_a_page_for_a_signed_in_user_is_not_shown_to_a_visitor(
    as_alice: Client, client: Client
) -> None:
    as_alice.get("/")
    assert "Sign out" not in client.page("/").text
