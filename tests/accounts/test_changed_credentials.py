"""S11: a password change invalidates every copy of the cookies at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from app.application import Application
from app.mail.models import Message
from app.sessions.logins import begin_login, end_logins
from app.unit_of_work import unit_of_work
from app.users.accounts import lock_user
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, visitor
from tests.databases import on_postgresql
from tests.emailed_links import PASSPHRASE

COOKIES = ("session", "remember_token")


@pytest.fixture(params=["", "y"], ids=["not remembered", "remembered"])
def alices(app: Application, alice: User, request: pytest.FixtureRequest) -> Client:
    client = visitor(app)
    remember = {"remember": request.param} if request.param else {}
    client.submit("/login", email=alice.email, password=PASSWORD, **remember)
    assert client.get("/account").status_code == 200
    return client


def copies_of(client: Client) -> list[Client]:
    """Return one client with all cookies of this one, and one client for each cookie."""
    held = {name: client.get_cookie(name) for name in COOKIES}
    cookies = {name: cookie.value for name, cookie in held.items() if cookie is not None}
    copies = []
    for names in [list(cookies), *([name] for name in cookies)]:
        copy = visitor(client.application)
        for name in names:
            copy.set_cookie(name, cookies[name])
        copies.append(copy)
    return copies


def change(client: Client) -> int:
    fields = {"current_password": PASSWORD, "password": PASSPHRASE}
    return client.submit("/account/password", **fields).status_code


def test_s11_a_copy_made_before_the_change_is_anonymous_at_once(alices: Client) -> None:
    copies = copies_of(alices)
    assert change(alices) == 303
    assert [copy.get("/account").status_code for copy in copies] == [303] * len(copies)


def test_s11_the_browser_that_changes_it_stays_signed_in_and_remembered(
    alices: Client,
) -> None:
    is_remembered = alices.get_cookie("remember_token") is not None
    assert change(alices) == 303
    assert alices.get("/account").status_code == 200
    alices.delete_cookie("session")
    assert alices.get("/account").status_code == (200 if is_remembered else 303)


def test_s11_a_voided_copy_is_not_reported_as_token_reuse(
    alices: Client, mailed: Callable[[str], list[Message]]
) -> None:
    copies = copies_of(alices)
    change(alices)
    for copy in copies:
        copy.get("/account")
    assert alices.get("/account").status_code == 200
    subjects = [mail.subject for mail in mailed("alice@example.com")]
    assert not [subject for subject in subjects if "stolen" in subject.lower()]


@on_postgresql  # where the first to wait is the first to go on
def test_s11_a_request_of_the_copy_that_was_waiting_does_nothing(
    alices: Client, alice: User
) -> None:
    """It had found the login before the change, and waits for the same account."""
    app, copy = alices.application, copies_of(alices)[0]
    with app.app_context(), unit_of_work():
        begin_login(alice, user_agent="phone", address="192.0.2.7", remembered=False)
    form = {"csrf_token": copy.csrf_token("/account")}
    with ThreadPoolExecutor(2) as others:
        with app.app_context(), unit_of_work():
            lock_user(alice)
            changing = others.submit(change, alices)
            sleep(1)
            waiting = others.submit(copy.post, "/devices/end-others", data=form)
            sleep(0.5)
            assert not changing.done()
            assert not waiting.done()
        assert changing.result() == 303
        assert waiting.result().status_code == 401


def test_s11_a_change_that_waits_while_its_login_ends_changes_nothing(
    alices: Client, alice: User
) -> None:
    app = alices.application
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            lock_user(alice)
            changing = other.submit(change, alices)
            sleep(1)
            assert not changing.done()
            end_logins(alice)
        assert changing.result() == 401
    fields = {"email": alice.email, "password": PASSWORD}
    assert visitor(app).submit("/login", **fields).status_code == 303
