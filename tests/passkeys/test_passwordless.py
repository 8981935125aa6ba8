"""Accounts without a password."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import process_time
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete

from app.application import Application
from app.database import db
from app.mail.models import Message
from app.passkeys.models import Passkey
from app.two_factor.recovery_codes import make_codes, replace_codes
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page
from tests.passkeys.authenticator import ORIGIN, Authenticator
from tests.passkeys.conftest import (
    ALICE,
    copied,
    events,
    passkeys,
    password_hash,
    remove,
    remove_password,
    store_passkey,
    use,
)

NEW_PASSWORD = "seven quiet otters juggle"


@pytest.fixture
def two(app: Application, alice: User, phone: Authenticator, security_key: Authenticator) -> None:
    store_passkey(app, alice, phone, "Phone")
    store_passkey(app, alice, security_key, "Key ring")


@pytest.fixture
def without_password(as_alice: Client, two: None) -> Client:
    """Alice's browser, once she has removed her password."""
    assert remove_password(as_alice).status_code == 303
    return as_alice


def give_codes(app: Application, user: User) -> list[str]:
    new = make_codes()
    with app.app_context(), unit_of_work():
        replace_codes(user, new)
    return new.codes


def test_alice_removes_her_password_and_signs_in_by_passkey(
    app: Application, client: Client, without_password: Client, phone: Authenticator
) -> None:
    assert password_hash(app) is None
    assert use(client, phone).status_code == 303
    assert client.is_signed_in


def test_no_password_signs_in_after_its_removal(client: Client, without_password: Client) -> None:
    for password in (PASSWORD, "None", "x"):
        response = client.sign_in(ALICE, password)
        assert response.status_code == 422
        assert "Incorrect email or password" in response.text


def test_removing_the_password_ends_other_logins_and_sends_an_email(
    app: Application, alice: User, as_alice: Client, two: None, outbox: Callable[[], list[Message]]
) -> None:
    elsewhere = signed_in(app, alice)
    remove_password(as_alice)
    assert as_alice.is_signed_in
    assert not elsewhere.is_signed_in
    assert events(app, alice)[-1] == "password.removed"
    assert outbox()[-1].subject == "Password removed"


def test_removing_the_password_requires_reauthentication(
    app: Application, as_alice: Client, two: None, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert remove_password(as_alice).status_code == 401
    assert password_hash(app) is not None


def test_with_one_passkey_the_password_stays(
    app: Application, as_alice: Client, alices_passkey: None
) -> None:
    assert "Remove password" not in as_alice.page("/passkeys").text
    remove_password(as_alice)
    assert password_hash(app) is not None
    assert "was not removed" in as_alice.page("/passkeys").text


def test_without_a_password_the_last_two_passkeys_stay(
    app: Application, without_password: Client
) -> None:
    remove(without_password, passkeys(app)[0].id)
    assert len(passkeys(app)) == 2
    assert "was not removed" in without_password.page("/passkeys").text


def test_one_passkey_and_recovery_codes_allow_removing_the_password(
    app: Application, alice: User, as_alice: Client, alices_passkey: None
) -> None:
    give_codes(app, alice)
    assert "Remove password" in as_alice.page("/passkeys").text
    remove_password(as_alice)
    assert password_hash(app) is None
    remove(as_alice, passkeys(app)[0].id)
    assert len(passkeys(app)) == 1


def test_with_three_passkeys_one_can_be_removed(
    app: Application, alice: User, without_password: Client
) -> None:
    store_passkey(app, alice, Authenticator())
    remove(without_password, passkeys(app)[0].id)
    assert len(passkeys(app)) == 2


def test_concurrent_removals_leave_enough_passkeys(
    app: Application, alice: User, without_password: Client
) -> None:
    store_passkey(app, alice, Authenticator())
    token = without_password.csrf_token("/account")
    browsers = [copied(app, without_password) for _ in range(3)]

    def remove_at_once(browser: Client, passkey_id: int) -> None:
        browser.post(f"/passkeys/{passkey_id}/remove", data={"csrf_token": token})

    with ThreadPoolExecutor(3) as threads:
        ids = [passkey.id for passkey in passkeys(app)]
        list(threads.map(remove_at_once, browsers, ids))
    assert len(passkeys(app)) == 2


def test_reauthentication_offers_the_passkey_and_no_password(
    without_password: Client, phone: Authenticator, clock: Clock
) -> None:
    clock.forward(minutes=15)
    page = without_password.page("/prove")
    assert not [field for field in page.all("input") if field.get("name") == "password"]
    assert use(without_password, phone, "/prove/passkey").status_code == 303
    assert without_password.get("/account/delete").status_code == 200


def test_no_password_reauthenticates_after_its_removal(
    without_password: Client, clock: Clock
) -> None:
    clock.forward(minutes=15)
    fields = {"csrf_token": without_password.csrf_token("/account"), "password": PASSWORD}
    assert without_password.post("/prove", data=fields).status_code == 422


def test_setting_a_password_again_requires_reauthentication(
    client: Client, without_password: Client, clock: Clock
) -> None:
    response = without_password.submit("/account/password", password=NEW_PASSWORD)
    assert response.status_code == 303
    response = client.sign_in(ALICE, NEW_PASSWORD)
    assert response.location == "/login/second"


def test_an_old_login_cannot_set_a_password(
    app: Application, without_password: Client, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert without_password.get("/account/password").location.startswith("/prove")
    fields = {"csrf_token": without_password.csrf_token("/account"), "password": NEW_PASSWORD}
    assert without_password.post("/account/password", data=fields).status_code == 401
    assert password_hash(app) is None


def test_an_old_login_without_passkeys_cannot_set_a_password(
    app: Application, without_password: Client, clock: Clock
) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(delete(Passkey))
    clock.forward(minutes=15)
    assert without_password.get("/account/password").location.startswith("/prove")


def test_a_password_reset_does_not_bypass_the_passkey(
    client: Client, without_password: Client, link: Callable[[], str]
) -> None:
    client.submit("/reset", email=ALICE)
    client.submit(link(), password=NEW_PASSWORD)
    response = client.sign_in(ALICE, NEW_PASSWORD)
    assert response.location == "/login/second"
    assert not client.is_signed_in


def test_a_reset_requested_before_the_removal_sets_no_password(
    app: Application, client: Client, as_alice: Client, two: None, link: Callable[[], str]
) -> None:
    client.submit("/reset", email=ALICE)
    path = link()
    remove_password(as_alice)
    assert client.get(path).status_code == 410


def test_after_a_reset_a_recovery_code_signs_in(
    app: Application,
    alice: User,
    client: Client,
    without_password: Client,
    link: Callable[[], str],
) -> None:
    codes = give_codes(app, alice)
    client.submit("/reset", email=ALICE)
    client.submit(link(), password=NEW_PASSWORD)
    client.sign_in(ALICE, NEW_PASSWORD)
    assert client.submit("/login/second", code=codes[0]).location == "/account"
    assert client.is_signed_in


def test_an_operator_and_a_reset_restore_access_after_losing_everything(
    app: Application, client: Client, without_password: Client, link: Callable[[], str]
) -> None:
    run = app.test_cli_runner().invoke(args=["users", "reset-factors", ALICE])
    assert "cannot sign in before a password is set by email" in run.output
    assert passkeys(app) == []
    assert not without_password.is_signed_in
    client.submit("/reset", email=ALICE)
    client.submit(link(), password=NEW_PASSWORD)
    client.sign_in(ALICE, NEW_PASSWORD)
    assert client.is_signed_in


@pytest.fixture
def link(outbox: Callable[[], list[Message]]) -> Callable[[], str]:
    """Return the path of the link in the last mail."""
    return lambda: urlsplit(re.findall(r"https?://\S+", outbox()[-1].text)[0]).path


def test_a2_responses_and_times_are_those_of_an_unknown_account(
    without_password: Client, make_app: Callable[..., Application]
) -> None:
    """A hash takes some 20 ms: without one, the response would take a fraction of that."""
    stranger = visitor(make_app(LOGIN_ATTEMPTS=1000, BASE_URL=ORIGIN))
    took: dict[str, list[float]] = {ALICE: [], "nobody@example.com": []}
    responses = set()
    for email in [*took] * 7:
        fields = stranger.page("/login").fields_for("/login") | {"email": email}
        began = process_time()
        response = stranger.post("/login", data=fields | {"password": "wrong"})
        took[email].append(process_time() - began)
        responses.add((response.status_code, Page(response.text).text))
    assert len(responses) == 1
    known, unknown = map(median, took.values())
    assert 0.6 < known / unknown < 1.6, f"{known * 1000:.0f} ms against {unknown * 1000:.0f} ms"
