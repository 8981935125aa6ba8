"""Pages require a sign-in unless they are public. The access table (P3) lists which are."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Blueprint
from sqlalchemy import select
from werkzeug.routing import Rule

from app.application import Application
from app.database import db
from app.sessions.guards import is_public, public
from app.users.models import User
from tests.client import Client
from tests.conftest import visitor
from tests.contributions import contributed

# Pages that other programs post to. A token in the URL is the permission.
WITHOUT_CSRF_TOKEN: set[str] = set().union(*contributed("access", "WITHOUT_CSRF_TOKEN"))


def rules(app: Application, method: str) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))


def is_open(app: Application, endpoint: str) -> bool:
    with app.app_context():
        return is_public(endpoint)


def url_of(app: Application, rule: Rule) -> str:
    """Return a URL of this endpoint, with a value for each variable."""
    values: dict[str, Any] = {
        name: 1 if "Integer" in type(converter).__name__ else "x"
        for name, converter in rule._converters.items()
    }
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def test_every_page_that_is_not_public_sends_a_visitor_to_sign_in(
    app: Application, client: Client
) -> None:
    for rule in rules(app, "GET"):
        if not is_open(app, rule.endpoint):
            response = client.get(url_of(app, rule))
            assert response.status_code == 303, rule.endpoint
            assert response.location.startswith("/login?next=/"), rule.endpoint


def test_every_form_that_is_not_public_asks_a_visitor_to_sign_in_and_does_nothing(
    app: Application, client: Client, alice: User
) -> None:
    token = client.csrf_token("/login")
    for rule in rules(app, "POST"):
        if not is_open(app, rule.endpoint):
            before = rows(app)
            response = client.post(url_of(app, rule), data={"csrf_token": token})
            assert response.status_code == 401, rule.endpoint
            assert rows(app) == before, rule.endpoint


def test_an_api_client_gets_401_and_problem_details(app: Application, client: Client) -> None:
    response = client.get("/account", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.json is not None
    assert response.json["title"] == "Unauthorized"


def test_a_page_without_a_mark_requires_a_sign_in(make_app: Callable[..., Application]) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/secret", view_func=lambda: {"secret": 1}, endpoint="secret")
    views.add_url_rule("/open", view_func=public(lambda: {"open": 1}), endpoint="open")
    client = visitor(make_app(views))
    assert client.get("/secret").status_code == 303
    assert client.get("/open").json == {"open": 1}


def test_no_get_request_writes_to_the_database(app: Application, as_alice: Client) -> None:
    as_alice.get("/")
    before = rows(app)
    for rule in rules(app, "GET"):
        as_alice.get(url_of(app, rule), buffered=True)
        assert rows(app) == before, f"GET {rule.rule} wrote to the database"


def test_every_form_requires_its_csrf_token(app: Application, as_alice: Client) -> None:
    for rule in rules(app, "POST"):
        if rule.endpoint not in WITHOUT_CSRF_TOKEN:
            assert as_alice.post(url_of(app, rule)).status_code == 400, rule.endpoint


def rows(app: Application) -> dict[str, list[Any]]:
    """Return all rows of the database."""
    with app.app_context():
        return {
            table.name: [tuple(row) for row in db.session.execute(select(table))]
            for table in db.metadata.sorted_tables
        }


@pytest.mark.parametrize("path", ["/nowhere", "/account/nowhere"])
def test_an_unknown_page_is_404_for_visitors_too(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
