"""An account that wants no password."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import process_time

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.application import Application
from app.database import db
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page
from tests.passkeys.authenticator import ORIGIN, Authenticator
from tests.passkeys.conftest import add, copied, events, is_signed_in, passkeys, use
from tests.passkeys.test_passkey import remove

NEW_PASSWORD = "seven quiet otters juggle"
ALICE = "alice@example.com"


@pytest.fixture
def two(as_alice: Client, phone: Authenticator, security_key: Authenticator) -> None:
    add(as_alice, phone, "Phone")
    add(as_alice, security_key, "Key ring")


@pytest.fixture
def without_password(as_alice: Client, two: None) -> Client:
    """Alice's browser, once she has removed her password."""
    assert remove_password(as_alice).status_code == 303
    return as_alice


def remove_password(client: Client) -> TestResponse:
    token = client.csrf_token("/account")
    return client.post("/passkeys/password/remove", data={"csrf_token": token})


def password_hash(app: Application) -> str | None:
    with app.app_context():
        return db.session.scalars(select(User.password_hash).where(User.email == ALICE)).one()


def test_alice_removes_her_password_and_signs_in_by_passkey(
    app: Application, client: Client, without_password: Client, phone: Authenticator
) -> None:
    assert password_hash(app) is None
    assert use(client, phone).status_code == 303
    assert is_signed_in(client)


def test_no_password_opens_it_any_more(client: Client, without_password: Client) -> None:
    for password in (PASSWORD, "None", "x"):
        response = client.submit("/login", email=ALICE, password=password)
        assert response.status_code == 422
        assert "do not belong together" in response.text


def test_every_other_device_is_signed_out_and_she_is_told(
    app: Application, alice: User, as_alice: Client, two: None, outbox: Callable[[], list[Message]]
) -> None:
    elsewhere = signed_in(app, alice)
    remove_password(as_alice)
    assert is_signed_in(as_alice)
    assert not is_signed_in(elsewhere)
    assert events(app, alice)[-1] == "password.removed"
    assert outbox()[-1].subject == "Password removed"


def test_it_asks_for_a_recent_proof(
    app: Application, as_alice: Client, two: None, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert remove_password(as_alice).status_code == 401
    assert password_hash(app) is not None


def test_with_one_passkey_the_password_stays(
    app: Application, as_alice: Client, phone: Authenticator
) -> None:
    add(as_alice, phone)
    assert "Remove my password" not in as_alice.page("/passkeys").text
    remove_password(as_alice)
    assert password_hash(app) is not None
    assert "could be locked out" in as_alice.page("/passkeys").text


def test_without_a_password_the_last_two_passkeys_stay(
    app: Application, without_password: Client
) -> None:
    remove(without_password, passkeys(app)[0].id)
    assert len(passkeys(app)) == 2
    assert "could be locked out" in without_password.page("/passkeys").text


def test_with_a_third_one_of_them_may_go(app: Application, without_password: Client) -> None:
    add(without_password, Authenticator())
    remove(without_password, passkeys(app)[0].id)
    assert len(passkeys(app)) == 2


def test_two_that_are_removed_at_once_leave_her_enough(
    app: Application, without_password: Client
) -> None:
    add(without_password, Authenticator())
    token = without_password.csrf_token("/account")
    browsers = [copied(app, without_password) for _ in range(3)]

    def remove_at_once(browser: Client, passkey_id: int) -> None:
        browser.post(f"/passkeys/{passkey_id}/remove", data={"csrf_token": token})

    with ThreadPoolExecutor(3) as threads:
        ids = [passkey.id for passkey in passkeys(app)]
        list(threads.map(remove_at_once, browsers, ids))
    assert len(passkeys(app)) == 2


def test_proof_is_asked_of_her_passkey_and_of_nothing_she_has_not(
    without_password: Client, phone: Authenticator, clock: Clock
) -> None:
    clock.forward(minutes=15)
    page = without_password.page("/prove")
    assert not [field for field in page.all("input") if field.get("name") == "password"]
    assert use(without_password, phone, "/prove/passkey").status_code == 303
    assert without_password.get("/account/delete").status_code == 200


def test_no_password_proves_it(without_password: Client, clock: Clock) -> None:
    clock.forward(minutes=15)
    fields = {"csrf_token": without_password.csrf_token("/account"), "password": PASSWORD}
    assert without_password.post("/prove", data=fields).status_code == 422


def test_she_sets_a_password_again_after_a_recent_proof(
    client: Client, without_password: Client, clock: Clock
) -> None:
    response = without_password.submit("/account/password", password=NEW_PASSWORD)
    assert response.status_code == 303
    assert password_is(client, NEW_PASSWORD)


def test_nobody_sets_one_on_a_screen_she_left_open(
    app: Application, without_password: Client, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert without_password.get("/account/password").location.startswith("/prove")
    fields = {"csrf_token": without_password.csrf_token("/account"), "password": NEW_PASSWORD}
    assert without_password.post("/account/password", data=fields).status_code == 401
    assert password_hash(app) is None


def password_is(client: Client, password: str) -> bool:
    response = client.submit("/login", email=ALICE, password=password)
    return "do not belong together" not in response.text


def test_a2_answers_and_times_are_those_of_an_account_that_is_not_there(
    without_password: Client, make_app: Callable[..., Application]
) -> None:
    """A hash takes some 20 ms: without one, the answer would be there in a fraction of that."""
    stranger = visitor(make_app(LOGIN_ATTEMPTS=1000, BASE_URL=ORIGIN))
    took: dict[str, list[float]] = {ALICE: [], "nobody@example.com": []}
    answers = set()
    for email in [*took] * 7:
        fields = stranger.page("/login").fields_for("/login") | {"email": email}
        began = process_time()
        response = stranger.post("/login", data=fields | {"password": "wrong"})
        took[email].append(process_time() - began)
        answers.add((response.status_code, Page(response.text).text))
    assert len(answers) == 1
    hers, nobodys = map(median, took.values())
    assert 0.6 < hers / nobodys < 1.6, f"{hers * 1000:.0f} ms against {nobodys * 1000:.0f} ms"
