"""Renaming and removing a passkey."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import events, passkeys, remove, use

pytestmark = pytest.mark.usefixtures("alices_passkey")


@pytest.fixture
def passkey_id(app: Application, alices_passkey: None) -> int:
    [passkey] = passkeys(app)
    return passkey.id


def test_alice_gives_it_another_name(as_alice: Client, passkey_id: int) -> None:
    response = as_alice.submit(f"/passkeys/{passkey_id}", name="  Old \n phone ")
    assert response.status_code == 303
    assert "Old phone" in as_alice.page("/passkeys").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_an_empty_name_is_refused(
    app: Application, as_alice: Client, passkey_id: int, name: str
) -> None:
    assert as_alice.submit(f"/passkeys/{passkey_id}", name=name).status_code == 422
    assert passkeys(app)[0].name == "Phone"


def test_a_removed_passkey_cannot_sign_in(
    app: Application, client: Client, as_alice: Client, phone: Authenticator, passkey_id: int
) -> None:
    assert remove(as_alice, passkey_id).status_code == 303
    assert passkeys(app) == []
    assert use(client, phone).status_code == 422
    assert not client.is_signed_in


def test_every_other_device_is_signed_out(
    app: Application, alice: User, as_alice: Client, passkey_id: int
) -> None:
    elsewhere = signed_in(app, alice)
    remove(as_alice, passkey_id)
    assert as_alice.is_signed_in
    assert not elsewhere.is_signed_in


def test_the_change_sends_an_email_and_is_recorded(
    app: Application,
    as_alice: Client,
    alice: User,
    passkey_id: int,
    outbox: Callable[[], list[Message]],
) -> None:
    remove(as_alice, passkey_id)
    assert events(app, alice) == ["second_factor.removed"]
    assert [mail.subject for mail in outbox()] == ["Two-factor method removed"]


def test_removing_a_passkey_requires_reauthentication(
    app: Application, as_alice: Client, passkey_id: int, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert remove(as_alice, passkey_id).status_code == 401
    assert len(passkeys(app)) == 1


def test_adding_a_passkey_requires_reauthentication(as_alice: Client, clock: Clock) -> None:
    clock.forward(minutes=15)
    assert as_alice.get("/passkeys").location == "/prove?next=/passkeys"
    response = as_alice.get("/passkeys/new", headers={"Accept": "application/json"})
    assert response.status_code == 401


def test_bob_can_neither_see_nor_name_nor_remove_it(
    app: Application, as_bob: Client, passkey_id: int
) -> None:
    assert as_bob.get(f"/passkeys/{passkey_id}").status_code == 404
    assert remove(as_bob, passkey_id).status_code == 404
    fields = {"csrf_token": as_bob.csrf_token("/account"), "name": "Bob's"}
    assert as_bob.post(f"/passkeys/{passkey_id}", data=fields).status_code == 404
    assert [passkey.name for passkey in passkeys(app)] == ["Phone"]
