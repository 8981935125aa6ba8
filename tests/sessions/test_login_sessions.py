"""S1, S2, S10: login session rows, clean sessions at sign-in, and signing out."""

import ast
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Blueprint
from sqlalchemy import insert, inspect, select

from app.application import Application
from app.clock import now
from app.crypto.tokens import digest
from app.database import db
from app.sessions.current import current_login, current_user, sign_in, sign_out
from app.sessions.guards import public
from app.sessions.models import LoginSession
from app.unit_of_work import commit_later
from app.users.models import User
from app.users.scheduled_deletions import Deletion
from tests.client import Client
from tests.conftest import PASSWORD, visitor
from tests.sql_trace import SqlTrace


def logins(app: Application) -> list[LoginSession]:
    with app.app_context():
        return list(db.session.scalars(select(LoginSession).order_by(LoginSession.id)))


def is_near(moment: datetime, other: datetime) -> bool:
    return abs(moment - other) < timedelta(seconds=1)


def test_s1_signing_in_adds_a_row_with_user_device_and_expiry(client: Client, alice: User) -> None:
    client.environ_base["HTTP_USER_AGENT"] = "Firefox/1"
    client.sign_in("alice@example.com")
    [login] = logins(client.application)
    assert (login.user_id, login.user_agent, login.address) == (alice.id, "Firefox/1", "127.0.0.1")
    assert not login.remembered
    assert login.authenticated_at is not None
    assert is_near(login.created_at, login.last_seen_at)
    assert is_near(login.created_at, login.authenticated_at)
    assert is_near(login.created_at + timedelta(hours=24), login.expires_at)


def test_s1_the_token_is_in_the_cookie_and_only_its_digest_in_the_database(
    client: Client, alice: User
) -> None:
    client.sign_in("alice@example.com", remember=True)
    [login] = logins(client.application)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    remembered = client.get_cookie("remember_token")
    assert remembered
    assert token == remembered.value
    assert (len(token), digest(token)) == (43, login.token_digest)


def test_s1_get_id_is_the_token_and_never_the_user_id(make_app, alice: User) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/id", view_func=lambda: [current_user.get_id()], endpoint="id")
    client = visitor(make_app(views))
    client.sign_in("alice@example.com")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert client.get("/id").json == [token]


def test_s1_one_query_by_a_unique_index_loads_login_and_user(
    as_alice: Client, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    as_alice.get("/preferences")
    watched = trace_sql(as_alice.application)
    as_alice.get("/preferences")
    watched.clear()
    as_alice.get("/preferences")
    [query] = watched.statements
    assert "token_digest = " in query
    with as_alice.application.app_context():
        unique = inspect(db.engine).get_unique_constraints("login_sessions")
    assert ["token_digest"] in [constraint["column_names"] for constraint in unique]


def test_s1_without_the_row_both_cookies_are_void(client: Client, alice: User) -> None:
    client.sign_in("alice@example.com", remember=True)
    with client.application.app_context(), db.engine.begin() as connection:
        connection.execute(LoginSession.__table__.delete())
    assert client.get("/account").status_code == 303
    client.delete_cookie("session")
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize("token", ["", "x" * 43, "é\x00", "1", 7, ["list"], None])
def test_s1_an_invalid_token_signs_no_user_in(client: Client, alice: User, token: object) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    client.set_cookie("remember_token", str(token))
    assert client.get("/account").status_code == 303
    assert client.get("/").status_code == 200


def test_s2_signing_in_clears_the_session_except_preferences(client: Client, alice: User) -> None:
    client.submit("/preferences", theme="dark")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by an attacker"
        planted = cookie["csrf_token"]
    client.sign_in("alice@example.com")
    page = client.page("/account")
    assert page.one("html").get("data-bs-theme") == "dark"
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["csrf_token"] != planted


def test_s2_signing_in_again_ends_the_previous_login(as_alice: Client, bob: User) -> None:
    fields = {"csrf_token": as_alice.csrf_token("/account"), "password": PASSWORD}
    assert as_alice.post("/login", data={"email": bob.email, **fields}).status_code == 303
    [login] = logins(as_alice.application)
    assert login.user_id == bob.id
    assert "bob@example.com" in as_alice.page("/account").text


def test_s2_signing_in_leaves_the_logins_of_other_devices_alone(
    as_alice: Client, client: Client
) -> None:
    client.sign_in("alice@example.com")
    assert len(logins(client.application)) == 2


def test_s2_the_back_button_shows_no_private_page(as_alice: Client) -> None:
    for path in ["/account", "/devices", "/preferences", "/"]:
        assert as_alice.get(path).headers["Cache-Control"] == "no-store"
    assert visitor(as_alice.application).get("/").headers["Cache-Control"] != "no-store"


def test_s2_a_disabled_user_is_signed_out_immediately(as_alice: Client, alice: User) -> None:
    runner = as_alice.application.test_cli_runner()
    assert runner.invoke(args=["users", "disable", alice.email]).exit_code == 0
    assert logins(as_alice.application) == []
    assert as_alice.get("/account").status_code == 303


def test_s2_a_remaining_login_is_void_while_its_user_is_disabled(
    as_alice: Client, alice: User
) -> None:
    with as_alice.application.app_context(), db.engine.begin() as connection:
        connection.execute(User.__table__.update().values(disabled_at=now()))
    assert as_alice.get("/account").status_code == 303


def test_s2_a_remaining_login_is_void_while_the_account_is_to_be_deleted(
    as_alice: Client, alice: User
) -> None:
    with as_alice.application.app_context(), db.engine.begin() as connection:
        connection.execute(insert(Deletion).values(user_id=alice.id, due_at=now()))
    assert as_alice.get("/account").status_code == 303


def test_s10_after_sign_out_the_same_request_has_no_user(make_app, alice: User) -> None:
    views = Blueprint("views", __name__)

    @views.post("/out")
    def out() -> list[bool]:
        sign_out()
        commit_later()
        return [bool(current_user.is_authenticated), current_login() is not None]

    client = visitor(make_app(views))
    client.sign_in("alice@example.com", remember=True)
    response = client.post("/out", data={"csrf_token": client.csrf_token("/account")})
    assert response.json == [False, False]


def test_s10_after_sign_in_the_same_request_has_the_user(make_app, alice: User) -> None:
    views = Blueprint("views", __name__)

    @views.post("/in")
    @public
    def enter() -> list[object]:
        sign_in(db.session.get_one(User, alice.id), remembered=False)
        commit_later()
        login = current_login()
        return [current_user.email, login is not None and login.id is not None]

    client = visitor(make_app(views))
    response = client.post("/in", data={"csrf_token": client.csrf_token()})
    assert response.json == ["alice@example.com", True]


def test_s10_a_failed_sign_out_changes_nothing(make_app, alice: User) -> None:
    views = Blueprint("views", __name__)

    @views.post("/out")
    def out() -> str:
        sign_out()
        commit_later()
        raise ZeroDivisionError

    app = make_app(views, PROPAGATE_EXCEPTIONS=False)
    client = visitor(app)
    client.sign_in("alice@example.com", remember=True)
    token = client.csrf_token("/account")
    response = client.post("/out", data={"csrf_token": token})
    assert (response.status_code, response.headers.getlist("Set-Cookie")) == (500, [])
    assert client.get("/account").status_code == 200
    client.delete_cookie("session")
    assert client.get("/account").status_code == 200


def test_s10_only_one_module_imports_flask_login() -> None:
    root = Path(__file__).parents[2] / "app"
    importing = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flask_login")
    }
    assert importing == {"sessions/current.py"}
