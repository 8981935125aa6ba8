"""Changing the password."""

from collections.abc import Callable

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in
from tests.emailed_links import PASSPHRASE

Mailed = Callable[[str], list[Message]]


def change(client: Client, current: str = PASSWORD, chosen: str = PASSPHRASE) -> int:
    return client.submit(
        "/account/password", current_password=current, password=chosen
    ).status_code


def test_alice_changes_her_password(client: Client, as_alice: Client) -> None:
    assert change(as_alice) == 303
    response = client.sign_in("alice@example.com", PASSPHRASE)
    assert response.status_code == 303


def test_alice_stays_signed_in_on_this_device_only(
    app: Application, alice: User, as_alice: Client
) -> None:
    elsewhere = signed_in(app, alice)
    change(as_alice)
    assert as_alice.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_a_wrong_current_password_changes_nothing(client: Client, as_alice: Client) -> None:
    assert change(as_alice, current="wrong") == 422
    response = client.sign_in("alice@example.com")
    assert response.status_code == 303


def test_a_weak_password_is_refused_and_the_old_one_stays(
    client: Client, as_alice: Client
) -> None:
    assert change(as_alice, chosen="password1234567") == 422
    response = client.sign_in("alice@example.com")
    assert response.status_code == 303


def test_alice_is_notified_by_email(as_alice: Client, mailed: Mailed) -> None:
    change(as_alice)
    [mail] = mailed("alice@example.com")
    assert mail.subject == "Password changed"
    assert "/reset" in mail.text


def test_guessing_the_current_password_is_throttled(as_alice: Client) -> None:
    assert [change(as_alice, current="wrong") for _ in range(6)] == [422] * 5 + [429]
