"""R6: a failed commit sends no email, does not sign in, and is reported on the page."""

from collections.abc import Callable

from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.commit_failures import deferred_refusal
from tests.emailed_links import PASSPHRASE

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]


def test_r6_a_refused_registration_sends_no_email_and_says_so(
    client: Client, database_url: str, mailed: Mailed
) -> None:
    with deferred_refusal(database_url, "mailed_links"):
        response = client.submit("/register", email="charlie@example.com")
    assert response.status_code == 409
    assert "Nothing was saved" in response.text
    assert not mailed("charlie@example.com")
    response = client.submit("/register", email="charlie@example.com")
    assert (response.status_code, len(mailed("charlie@example.com"))) == (303, 1)


def test_r6_a_refused_confirmation_creates_no_account_and_keeps_the_link(
    client: Client, database_url: str, link: Link
) -> None:
    client.submit("/register", email="charlie@example.com")
    address = link("charlie@example.com")
    with deferred_refusal(database_url, "users"):
        assert client.submit(address, password=PASSPHRASE).status_code == 409
    assert client.get("/account").status_code == 303
    assert client.submit(address, password=PASSPHRASE).status_code == 303


def test_r6_a_refused_reset_changes_no_password_and_sends_no_email(
    client: Client, alice: User, database_url: str, mailed: Mailed, link: Link
) -> None:
    client.submit("/reset", email=alice.email)
    address = link(alice.email)
    with deferred_refusal(database_url, "security_events"):
        assert client.submit(address, password=PASSPHRASE).status_code == 409
    assert len(mailed(alice.email)) == 1
    assert client.sign_in(alice.email).status_code == 303


def test_r6_a_refused_change_of_address_notifies_neither_address(
    as_alice: Client, database_url: str, mailed: Mailed, link: Link
) -> None:
    as_alice.submit("/account/email", email="alice@new.example")
    address = link("alice@new.example")
    with deferred_refusal(database_url, "security_events"):
        assert as_alice.submit(address).status_code == 409
    assert [mail.subject for mail in mailed("alice@example.com")] == [
        "Request to change your email address"
    ]
    assert "alice@example.com" in as_alice.page("/account").text
