"""Changing the address."""

from collections.abc import Callable

from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]
NEW = "alice@new.example"


def test_alice_changes_her_address(client: Client, as_alice: Client, link: Link) -> None:
    as_alice.submit("/account/email", email=NEW)
    as_alice.submit(link(NEW))
    assert client.submit("/login", email=NEW, password=PASSWORD).status_code == 303


def test_the_old_one_holds_until_the_new_one_has_answered(
    client: Client, as_alice: Client
) -> None:
    as_alice.submit("/account/email", email=NEW)
    assert "alice@example.com" in as_alice.page("/account").text
    assert client.submit("/login", email=NEW, password=PASSWORD).status_code == 422


def test_the_old_one_is_told(as_alice: Client, link: Link, mailed: Mailed) -> None:
    as_alice.submit("/account/email", email=NEW)
    as_alice.submit(link(NEW))
    [asked], [told] = mailed(NEW), mailed("alice@example.com")
    assert asked.subject == "Confirm your new address"
    assert told.subject == "Your address was changed"
    assert NEW in told.text


def test_a_taken_address_looks_like_any_other_and_its_owner_is_told(
    as_alice: Client, bob: User, mailed: Mailed
) -> None:
    free = as_alice.submit("/account/email", email=NEW)
    taken = as_alice.submit("/account/email", email="bob@example.com")
    assert (free.status, free.location) == (taken.status, taken.location)
    [mail] = mailed("bob@example.com")
    assert mail.subject == "You already have an account"


def test_somebody_elses_registration_in_between_wins(
    client: Client, as_alice: Client, link: Link
) -> None:
    as_alice.submit("/account/email", email=NEW)
    change = link(NEW)
    client.submit("/register", email=NEW, password="seven quiet otters juggle")
    client.submit(link(NEW))
    assert as_alice.submit(change).status_code == 410
    assert "alice@example.com" in as_alice.page("/account").text


def test_proof_is_asked_after_fifteen_minutes(as_alice: Client, clock: Clock) -> None:
    clock.forward(minutes=16)
    response = as_alice.get("/account/email")
    assert response.location == "/prove?next=/account/email"
    as_alice.submit(response.location, password=PASSWORD)
    assert as_alice.get("/account/email").status_code == 200
