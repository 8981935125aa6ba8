"""`@requires(…)` on a view and `may("…")` in a template (P1, P2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Blueprint

from app.application import Application
from app.clock import now
from app.roles import Permission, requires
from app.sessions.guards import public
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.roles.conftest import Give
from tests.sql_trace import SqlTrace


def test_a_visitor_is_sent_to_sign_in(site_with_staff: Application) -> None:
    response = visitor(site_with_staff).get("/people")
    assert (response.status_code, response.location) == (303, "/login?next=/people")


def test_a_page_does_not_exist_for_a_user_without_the_permission(
    site_with_staff: Application, alice: User
) -> None:
    browser = signed_in(site_with_staff, alice)
    title = browser.page("/nowhere", 404).one("title").text
    assert browser.page("/people", 404).one("title").text == title


def test_a_page_opens_for_each_role_with_the_permission(
    site_with_staff: Application, alice: User, give: Give
) -> None:
    browser = signed_in(site_with_staff, give(alice, "auditor"))
    assert browser.get("/people").status_code == 200
    assert browser.get("/notes-of-all").status_code == 404
    give(alice, "support")
    assert browser.get("/notes-of-all").status_code == 200


def test_the_admin_has_the_permissions_of_the_product_too(
    site_with_staff: Application, admin: User
) -> None:
    assert signed_in(site_with_staff, admin).get("/notes-of-all").status_code == 200


def test_the_guard_holds_on_a_view_that_is_public_by_mistake(
    make_app: Callable[..., Application],
) -> None:
    views = Blueprint("views", __name__)
    view = public(requires(Permission.SEE_PEOPLE)(lambda: {"secret": 1}))
    views.add_url_rule("/open", view_func=view, endpoint="open")
    assert visitor(make_app(views)).get("/open").status_code == 303


def test_a_revoked_role_grants_nothing_between_the_page_and_its_post(
    site_with_staff: Application, app: Application, alice: User, bob: User, give: Give
) -> None:
    browser = signed_in(site_with_staff, give(alice, "support"))
    token = {"csrf_token": browser.csrf_token("/account")}
    path = f"/people/{bob.id}/end-logins"
    assert browser.post(path, data=token).status_code == 200
    revoke = ["roles", "revoke", alice.email, "support"]
    assert app.test_cli_runner().invoke(args=revoke).exit_code == 0
    assert browser.post(path, data=token).status_code == 404


def test_a_role_ends_by_itself(
    site_with_staff: Application, alice: User, give: Give, clock: Clock
) -> None:
    browser = signed_in(site_with_staff, give(alice, "support", now() + timedelta(minutes=30)))
    assert browser.get("/people").status_code == 200
    clock.forward(minutes=31)
    assert browser.get("/people").status_code == 404


def test_an_unknown_role_grants_nothing(
    site_with_staff: Application, alice: User, hold: Give
) -> None:
    browser = signed_in(site_with_staff, hold(alice, "owner"))
    assert browser.get("/people").status_code == 404


def test_a_template_can_check_a_permission(
    site_with_staff: Application, as_alice: Client, alice: User, give: Give
) -> None:
    browser = signed_in(site_with_staff, alice)
    assert browser.get("/menu/people.see").json == {"menu": ""}
    give(alice, "auditor")
    assert browser.get("/menu/people.see").json == {"menu": "linklinklink"}
    assert browser.get("/menu/logins.end").json == {"menu": ""}


def test_a_misspelled_permission_is_an_error(site_with_staff: Application, admin: User) -> None:
    with pytest.raises(LookupError, match=r"No role has the permission 'people\.sea'"):
        signed_in(site_with_staff, admin).get("/menu/people.sea")


@pytest.mark.parametrize(
    ("path", "statements"), [("/plain", 1), ("/people", 2), ("/menu/people.see", 2)]
)
def test_roles_are_read_once_and_only_by_pages_that_check_them(
    site_with_staff: Application,
    alice: User,
    give: Give,
    trace_sql: Callable[[Application], SqlTrace],
    path: str,
    statements: int,
) -> None:
    browser = signed_in(site_with_staff, give(alice, "support"))
    browser.get("/account")
    watched = trace_sql(site_with_staff)
    assert browser.get(path).status_code == 200
    assert len(watched.statements) == statements
