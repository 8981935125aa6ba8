"""Signing in."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import process_time

import pytest
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.application import Application
from app.auth.credentials import lock_unchanged
from app.database import db
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.users.accounts import find_user
from app.users.hashing import hash_password
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, visitor
from tests.page import Page
from tests.sql_trace import SqlTrace


def count_logins(app: Application) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(LoginSession.id))) or 0


@contextmanager
def changing(app: Application, email: str = "alice@example.com") -> Iterator[User]:
    with app.app_context(), unit_of_work():
        user = find_user(email)
        assert user is not None
        yield user


def test_alice_signs_in_and_sees_her_account(client: Client, alice: User) -> None:
    response = client.sign_in("alice@example.com")
    assert (response.status_code, response.location) == (303, "/account")
    assert "alice@example.com" in client.page("/account").text


@pytest.mark.parametrize(
    "typed", ["ALICE@EXAMPLE.COM", "Alice@Example.com", "  alice@example.com "]
)
def test_an_email_address_may_be_typed_in_any_case(
    client: Client, alice: User, typed: str
) -> None:
    assert client.sign_in(typed).status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong"),
        ("alice@example.com", PASSWORD.upper()),
        ("alice@example.com", PASSWORD + " "),
        ("bob@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("alice@example.com' OR '1'='1", PASSWORD),
    ],
)
def test_a_wrong_email_or_password_does_not_sign_in(
    client: Client, app: Application, alice: User, email: str, password: str
) -> None:
    response = client.sign_in(email, password=password)
    assert response.status_code == 422
    assert "Incorrect email or password" in response.text
    assert not client.is_signed_in
    assert count_logins(app) == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": ""}, "Enter your email address."),
        ({"password": ""}, "Enter your password."),
        ({"password": "a" * 129}, "This password is too long."),
    ],
)
def test_errors_are_shown_beside_their_fields(
    client: Client, alice: User, fields: dict[str, str], message: str
) -> None:
    response = client.submit("/login", **{"email": "alice@example.com", "password": "x", **fields})
    assert response.status_code == 422
    assert message in response.text


def test_the_form_returns_the_address_and_not_the_password(client: Client, alice: User) -> None:
    html = client.sign_in("alice@example.com", password="wrong but secret").text
    assert 'value="alice@example.com"' in html
    assert "wrong but secret" not in html


def test_password_managers_recognize_the_fields(client: Client) -> None:
    page = client.page("/login")
    assert page.one("input", name="email").get("autocomplete", "").split()[0] == "username"
    assert page.one("input", name="password").get("autocomplete") == "current-password"


def test_credentials_in_the_query_string_do_not_sign_in(client: Client, alice: User) -> None:
    fields = {"email": "alice@example.com", "password": PASSWORD}
    assert client.get("/login", query_string=fields).status_code == 200
    assert not client.is_signed_in


# --- Accounts are not revealed (A2) -------------------------------------------------------------


def answer_to(client: Client, email: str) -> tuple[int, list[str], str]:
    response = client.sign_in(email, password="wrong")
    content = response.text.replace(email, "ADDRESS")
    content = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1TOKEN", content)
    return response.status_code, sorted(response.headers.keys()), content


def test_an_unknown_address_and_a_disabled_one_look_like_a_wrong_password(
    client: Client, app: Application, alice: User, bob: User
) -> None:
    with changing(app, "bob@example.com") as user:
        user.disabled_at = user.created_at
    responses = [
        answer_to(client, email)
        for email in ["alice@example.com", "bob@example.com", "charlie@example.com"]
    ]
    assert responses[0] == responses[1] == responses[2]


def test_the_right_password_of_a_disabled_user_looks_like_a_wrong_one(
    client: Client, app: Application, alice: User
) -> None:
    with changing(app) as user:
        user.disabled_at = user.created_at
    response = client.sign_in("alice@example.com")
    assert response.status_code == 422
    assert "Incorrect email or password" in response.text
    assert count_logins(app) == 0


def test_an_unknown_address_takes_as_long_as_a_wrong_password(client: Client, alice: User) -> None:
    fields = client.page("/login").fields_for("/login") | {"password": "wrong"}
    took: dict[str, list[float]] = {"alice@example.com": [], "charlie@example.com": []}
    for email in [*took] * 7:
        started = process_time()
        client.post("/login", data=fields | {"email": email})
        took[email].append(process_time() - started)
    known, unknown = map(median, took.values())
    assert 0.6 < unknown / known < 1.6, f"{unknown * 1000:.0f} ms against {known * 1000:.0f} ms"


# --- Hashes by Werkzeug --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["scrypt", "pbkdf2:sha256:1000"])
def test_werkzeugs_hash_is_replaced_when_its_owner_signs_in(
    client: Client, app: Application, alice: User, method: str
) -> None:
    with changing(app) as user:
        user.password_hash = generate_password_hash(PASSWORD, method)
    assert client.sign_in("alice@example.com", password="wrong").status_code == 422
    with changing(app) as user:
        assert str(user.password_hash).startswith(method.partition(":")[0])
    assert client.sign_in("alice@example.com").status_code == 303
    with changing(app) as user:
        assert str(user.password_hash).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert visitor(app).sign_in("alice@example.com").status_code == 303


# --- Remembered ----------------------------------------------------------------------------------


def test_remembering_is_opt_in(client: Client, app: Application, alice: User) -> None:
    response = client.sign_in("alice@example.com")
    assert client.get_cookie("remember_token") is None
    [cookie] = [sent for sent in response.headers.getlist("Set-Cookie") if "session=" in sent]
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_a_remembered_login_lasts_thirty_days(client: Client, alice: User) -> None:
    client.sign_in("alice@example.com", remember=True)
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.max_age == timedelta(days=30).total_seconds()


def test_signing_in_without_remember_deletes_an_older_remember_cookie(
    client: Client, alice: User, bob: User
) -> None:
    client.sign_in("alice@example.com", remember=True)
    token = client.csrf_token("/account")
    fields = {"email": "bob@example.com", "password": PASSWORD, "csrf_token": token}
    assert client.post("/login", data=fields).status_code == 303
    assert client.get_cookie("remember_token") is None


# --- A clean cookie session (S2) -----------------------------------------------------------------


def test_signing_in_clears_the_visitors_cookie_session(client: Client, alice: User) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by an attacker"
        cookie["_flashes"] = [("message", "for the visitor")]
    client.sign_in("alice@example.com")
    with client.session_transaction() as cookie:
        assert not {"planted", "_flashes"} & cookie.keys()
        assert not {"_fresh", "_id"} & cookie.keys()


def test_a_csrf_token_from_before_the_sign_in_is_invalid(client: Client, alice: User) -> None:
    before = client.csrf_token("/login")
    client.sign_in("alice@example.com")
    fields = {"display_name": "Mallory", "csrf_token": before}
    assert client.post("/account", data=fields).status_code == 422
    assert "Mallory" not in client.page("/account").html


def test_a_cookie_planted_on_alice_does_not_sign_the_attacker_in(
    app: Application, alice: User
) -> None:
    hers, mallory = visitor(app), visitor(app)
    mallory.page("/login")
    planted = mallory.get_cookie("session")
    assert planted is not None
    hers.set_cookie("session", planted.value)
    hers.sign_in("alice@example.com")
    assert hers.is_signed_in
    assert not mallory.is_signed_in


def test_signing_in_again_ends_the_login_before_it(
    client: Client, app: Application, alice: User, bob: User
) -> None:
    client.sign_in("alice@example.com")
    copied = client.get_cookie("session")
    assert copied is not None
    token = client.csrf_token("/account")
    fields = {"email": "bob@example.com", "password": PASSWORD, "csrf_token": token}
    assert client.post("/login", data=fields).status_code == 303
    assert "bob@example.com" in client.page("/account").text
    assert count_logins(app) == 1

    copy = visitor(app)
    copy.set_cookie("session", copied.value)
    assert not copy.is_signed_in


# --- The requested page --------------------------------------------------------------------------


def test_alice_continues_to_the_page_she_requested(client: Client, alice: User) -> None:
    redirect = client.get("/account?tab=name")
    assert (redirect.status_code, redirect.location) == (303, "/login?next=/account?tab%3Dname")
    path = redirect.location
    response = client.submit(path, email="alice@example.com", password=PASSWORD)
    assert response.location == "/account?tab=name"


def test_a_mistyped_password_keeps_the_requested_page(client: Client, alice: User) -> None:
    path = "/login?next=/preferences"
    refused = client.submit(path, email="alice@example.com", password="wrong")
    assert Page(refused.text).fields_for(path)["next"] == "/preferences"


def test_a_signed_in_user_is_redirected_from_the_sign_in_page(as_alice: Client) -> None:
    assert as_alice.get("/login").location == "/account"
    assert as_alice.get("/login?next=/preferences").location == "/preferences"
    assert as_alice.get("/login?next=//evil.example").location == "/account"


def test_a_form_without_a_csrf_token_gets_a_page_that_says_what_to_do(
    client: Client, app: Application, alice: User
) -> None:
    fields = {"email": "alice@example.com", "password": PASSWORD}
    response = client.post("/login", data=fields)
    assert response.status_code == 400
    assert "reload the page and try again" in response.text
    assert not client.is_signed_in


def test_a_page_runs_one_query(
    as_alice: Client, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    filled = as_alice.page("/account").fields_for("/account") | {"display_name": "Alice"}
    watched = trace_sql(as_alice.application)
    as_alice.get("/preferences")
    watched.clear()
    as_alice.get("/preferences")
    assert watched.keywords == ["SELECT"]
    watched.clear()
    as_alice.post("/account", data=filled)
    # An action on an account locks the person, and reads the login once more under that lock.
    assert watched.keywords == ["BEGIN", "SELECT", "SELECT", "SELECT", "UPDATE", "COMMIT"]


def test_a_password_changed_meanwhile_does_not_sign_in(app: Application, alice: User) -> None:
    """Another device changes the password while the hash is verified."""
    with app.app_context():
        with unit_of_work():
            db.session.get_one(User, alice.id).password_hash = hash_password("something else")
        with unit_of_work():
            assert lock_unchanged(alice.id, alice.password_hash) is None
        with unit_of_work():
            changed = db.session.get_one(User, alice.id)
            assert lock_unchanged(alice.id, changed.password_hash) is changed
