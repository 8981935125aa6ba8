"""R6: a failed commit adds no passkey, does not sign in, and changes no counter."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.commit_failures import deferred_refusal
from tests.conftest import Clock, signed_in, visitor
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import (
    events,
    options,
    passkeys,
    password_hash,
    remove,
    remove_password,
    send,
    store_passkey,
)

Outbox = Callable[[], list[Message]]


def test_r6_a_failed_commit_adds_no_passkey_and_can_be_repeated(
    app: Application,
    alice: User,
    as_alice: Client,
    phone: Authenticator,
    outbox: Outbox,
    database_url: str,
) -> None:
    elsewhere = signed_in(app, alice)
    fields = {"name": "Phone", "credential": phone.make(options(as_alice, "/passkeys/new"))}
    with deferred_refusal(database_url, "passkeys"):
        assert as_alice.submit("/passkeys", **fields).status_code == 409
    assert (passkeys(app), events(app, alice), outbox()) == ([], [], [])
    assert elsewhere.is_signed_in
    assert as_alice.submit("/passkeys", **fields).status_code == 303


@pytest.mark.parametrize("table", ["login_sessions", "security_events", "used_challenges"])
def test_r6_a_failed_commit_does_not_sign_in_and_changes_no_counter(
    app: Application,
    alice: User,
    security_key: Authenticator,
    database_url: str,
    table: str,
) -> None:
    store_passkey(app, alice, security_key)
    client = visitor(app)
    credential = security_key.use(options(client, "/login/passkey"))
    before = client.get_cookie("session")
    with deferred_refusal(database_url, table):
        response = send(client, credential)
    assert response.status_code == 409
    assert "Set-Cookie" not in response.headers
    assert before is not None
    assert not client.is_signed_in
    [kept] = passkeys(app)
    assert (kept.sign_count, kept.last_used_at) == (0, None)
    assert send(client, credential).status_code == 303


def test_r6_a_failed_commit_does_not_reauthenticate_and_changes_no_counter(
    app: Application,
    alice: User,
    as_alice: Client,
    security_key: Authenticator,
    clock: Clock,
    database_url: str,
) -> None:
    store_passkey(app, alice, security_key)
    clock.forward(minutes=15)
    credential = security_key.use(options(as_alice, "/prove/passkey"))
    with deferred_refusal(database_url, "used_challenges"):
        assert send(as_alice, credential, "/prove/passkey").status_code == 409
    assert as_alice.get("/account/delete").status_code == 303
    assert passkeys(app)[0].sign_count == 0
    assert send(as_alice, credential, "/prove/passkey").status_code == 303


def test_r6_a_refused_removal_leaves_it_as_it_was(
    app: Application,
    alice: User,
    as_alice: Client,
    phone: Authenticator,
    outbox: Outbox,
    database_url: str,
) -> None:
    store_passkey(app, alice, phone)
    elsewhere = signed_in(app, alice)
    with deferred_refusal(database_url, "passkeys"):
        assert remove(as_alice, passkeys(app)[0].id).status_code == 409
    assert (len(passkeys(app)), outbox()) == (1, [])
    assert elsewhere.is_signed_in


def test_r6_a_failed_commit_keeps_the_password(
    app: Application, alice: User, as_alice: Client, database_url: str, outbox: Outbox
) -> None:
    for device in (Authenticator(), Authenticator()):
        store_passkey(app, alice, device)
    with deferred_refusal(database_url, "security_events"):
        assert remove_password(as_alice).status_code == 409
    assert password_hash(app) is not None
    assert outbox() == []
