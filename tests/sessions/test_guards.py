"""Which pages visitors may open, and what the others respond."""

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
from tests.framework.starter import is_products_module

# The public pages of the starter, with those of removable parts from their tests. Pages of a
# product need no entry.
PUBLIC = {
    "accounts.check_mail",
    "accounts.confirm",
    "accounts.keep_email",
    "accounts.register",
    "accounts.reset",
    "accounts.set_password",
    "auth.login",
    "auth.logout",
    "bootstrap.static",
    "doctor.healthz",
    "doctor.readyz",
    "monitoring.metrics",  # part: monitoring
    "pages.home",
    "preferences.preferences",
    "static",
}.union(*contributed("public_pages", "PUBLIC"))
# Pages that other programs post to. A token in the URL is the permission.
WITHOUT_CSRF_TOKEN: set[str] = set().union(*contributed("public_pages", "WITHOUT_CSRF_TOKEN"))


def rules(app: Application, method: str) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))


def is_opened(app: Application, endpoint: str) -> bool:
    """Return whether a page is in PUBLIC, or belongs to the product and is marked as public."""
    view = app.view_functions[endpoint]
    with app.app_context():
        return endpoint in PUBLIC or (is_products_module(view.__module__) and is_public(endpoint))


def url_of(app: Application, rule: Rule) -> str:
    """Return a URL of this endpoint, with a value for each variable."""
    values: dict[str, Any] = {
        name: 1 if "Integer" in type(converter).__name__ else "x"
        for name, converter in rule._converters.items()
    }
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def test_the_public_pages_are_these_and_no_others(app: Application) -> None:
    with app.app_context():
        found = {
            endpoint
            for endpoint, view in app.view_functions.items()
            if is_public(endpoint) and not is_products_module(view.__module__)
        }
    # The pages of a removed part may remain in the list.
    left_out = {page for page in PUBLIC if page.partition(".")[0] not in app.blueprints}
    assert found == PUBLIC - (left_out - {"static"})


def test_every_other_page_sends_a_visitor_to_sign_in(app: Application, client: Client) -> None:
    for rule in rules(app, "GET"):
        if not is_opened(app, rule.endpoint):
            response = client.get(url_of(app, rule))
            assert response.status_code == 303, rule.endpoint
            assert response.location.startswith("/login?next=/"), rule.endpoint


def test_every_other_form_asks_a_visitor_to_sign_in_and_does_nothing(
    app: Application, client: Client, alice: User
) -> None:
    token = client.csrf_token("/login")
    for rule in rules(app, "POST"):
        if not is_opened(app, rule.endpoint):
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
