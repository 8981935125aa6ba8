"""R2 with real workers, processes and threads: writers queue, and slow work blocks no request."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher

from app.application import Application
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, password_hash, visitor
from tests.page import Page
from tests.server import Browser, Response
from tests.serving import Server
from tests.view_site import run

PEOPLE = [f"person-{number}@example.com" for number in range(16)]
ROWS_EACH = 10


@pytest.fixture
def server(app: Application, gunicorn: Callable[..., Server]) -> Server:
    """Two workers, and the people of this test."""
    with app.app_context(), unit_of_work():
        db.session.add_all(User(email=email, password_hash=password_hash()) for email in PEOPLE)
    return gunicorn("tests.framework.row_per_request_app:app", RATE_LIMITS_ENABLED="0")


def sign_in_and_write(port: int, email: str) -> list[Response]:
    browser = Browser(port)
    responses = [browser.submit("/login", email=email, password=PASSWORD)]
    responses.append(browser.submit("/account", display_name=email))
    token = Page(browser.get("/account").text).fields_for(None)["csrf_token"]
    return [*responses, *(browser.post("/rows", csrf_token=token) for _ in range(ROWS_EACH))]


def test_r2_sixteen_concurrent_writes_are_all_saved(server: Server, database_url: str) -> None:
    port = urlsplit(server.url).port
    with ThreadPoolExecutor(len(PEOPLE)) as crowd:
        theirs = crowd.map(lambda email: sign_in_and_write(port, email), PEOPLE)
        responses = [response for of_one in theirs for response in of_one]
    assert {response.status for response in responses} == {303, 201}
    promised = {response.text.split()[0] for response in responses if response.status == 201}
    kept = run(database_url, "SELECT email FROM users WHERE email LIKE '%@rows.example'")
    assert promised == {email for (email,) in kept}
    assert len(promised) == len(PEOPLE) * ROWS_EACH
    assert "locked" not in server.log
    named = "SELECT count(*) FROM users WHERE display_name = email"
    assert run(database_url, named) == [(len(PEOPLE),)]


def test_r2_bob_writes_while_alices_password_is_being_hashed(
    app: Application, alice: User, as_bob: Client, trace_sql: Any, database_url: str
) -> None:
    slow_hash = PasswordHasher(time_cost=60, memory_cost=8192, parallelism=1).hash(PASSWORD)
    run(
        database_url,
        "UPDATE users SET password_hash = :hash WHERE id = :id",
        hash=slow_hash,
        id=alice.id,
    )
    browser, watched, responses = visitor(app), trace_sql(app), []
    form = {"csrf_token": browser.csrf_token(), "email": alice.email, "password": PASSWORD}
    arrives = Thread(target=lambda: responses.append(browser.post("/login", data=form)))
    arrives.start()
    wait_until(lambda: any("users.email =" in statement for statement in watched.statements))
    saved = as_bob.submit("/account", display_name="Bob")
    assert arrives.is_alive()
    arrives.join()
    assert (saved.status_code, responses[0].location) == (303, "/account")


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_r2_signing_in_reads_and_hashes_before_it_begins(
    app: Application, alice: User, trace_sql: Any
) -> None:
    browser = visitor(app)
    watched = trace_sql(app)
    form = {"csrf_token": browser.csrf_token(), "email": alice.email, "password": PASSWORD}
    watched.clear()
    browser.post("/login", data=form)
    looked_up = next(n for n, sql in enumerate(watched.statements) if "users.email =" in sql)
    before, after = watched.keywords[:looked_up], watched.keywords[looked_up + 1 :]
    assert before.count("BEGIN") == before.count("COMMIT")
    assert (after[0], after[-1]) == ("BEGIN", "COMMIT")
