"""The statements of typical requests, as the driver sends them."""

from typing import Any

import pytest

from app.unit_of_work import commit_later
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in, visitor
from tests.view_site import Site, add


@pytest.fixture
def as_alice(site: Site, alice: User) -> Client:
    """Alice's browser, on a site with a view that adds a user."""

    @site.view()
    def act() -> dict[str, str]:
        add("guest@example.com")
        commit_later()
        return {}

    site.blueprint.post("/private")(lambda: act())
    browser = signed_in(site.app, alice)
    browser.get("/account")
    return browser


def test_a_page_of_a_signed_in_user_is_one_select(as_alice: Client, trace_sql: Any) -> None:
    watched = trace_sql(as_alice.application)
    as_alice.get("/preferences")
    assert watched.keywords == ["SELECT"]


def test_a_page_without_queries_sends_no_statement(site: Site, trace_sql: Any) -> None:
    watched = trace_sql(site.app)
    visitor(site.app).get("/")
    assert watched.statements == []


def test_a_post_that_inserts_is_one_transaction(as_alice: Client, trace_sql: Any) -> None:
    watched = trace_sql(as_alice.application)
    as_alice.post("/private")
    assert watched.keywords == ["BEGIN", "SELECT", "INSERT", "COMMIT"]


def test_a_post_that_changes_nothing_commits_nothing(as_alice: Client, trace_sql: Any) -> None:
    form = {"csrf_token": as_alice.csrf_token("/preferences"), "page_size": "many"}
    watched = trace_sql(as_alice.application)
    assert as_alice.post("/preferences", data=form).status_code == 422
    assert watched.keywords == ["BEGIN", "SELECT", "ROLLBACK"]


def test_a_pooled_connection_is_reused_without_a_ping(as_alice: Client, trace_sql: Any) -> None:
    watched = trace_sql(as_alice.application)
    for _ in range(3):
        as_alice.get("/preferences")
    assert watched.keywords == ["SELECT"] * 3
