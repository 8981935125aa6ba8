"""Changing the email address."""

from collections.abc import Callable

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in
from tests.emailed_links import choose_password, link_in

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]
OLD, NEW = "alice@example.com", "alice@new.example"


def test_alice_changes_her_address(client: Client, as_alice: Client, link: Link) -> None:
    as_alice.submit("/account/email", email=NEW)
    as_alice.submit(link(NEW))
    assert client.sign_in(NEW).status_code == 303


def test_the_old_address_stays_until_the_new_one_is_confirmed(
    client: Client, as_alice: Client
) -> None:
    as_alice.submit("/account/email", email=NEW)
    assert OLD in as_alice.page("/account").text
    assert client.sign_in(NEW).status_code == 422


def test_opening_the_link_changes_nothing_because_mail_scanners_open_links(
    client: Client, as_alice: Client, link: Link
) -> None:
    as_alice.submit("/account/email", email=NEW)
    response = client.get(link(NEW))
    assert response.headers["Cache-Control"] == "no-store"
    assert OLD in as_alice.page("/account").text


def test_the_old_address_is_notified_of_the_request_and_of_the_change(
    as_alice: Client, link: Link, mailed: Mailed
) -> None:
    as_alice.submit("/account/email", email=NEW)
    [confirm], [requested] = mailed(NEW), mailed(OLD)
    assert confirm.subject == "Confirm your new email address"
    assert requested.subject == "Request to change your email address"
    as_alice.submit(link(NEW))
    changed = mailed(OLD)[-1]
    assert changed.subject == "Your email address was changed"
    for mail in (requested, changed):
        assert NEW in mail.text
        assert "/account/email/keep/" in mail.text


def test_a_taken_address_looks_like_any_other_and_its_owner_is_notified(
    as_alice: Client, bob: User, mailed: Mailed
) -> None:
    free = as_alice.submit("/account/email", email=NEW)
    taken = as_alice.submit("/account/email", email="bob@example.com")
    assert (free.status, free.location) == (taken.status, taken.location)
    [mail] = mailed("bob@example.com")
    assert mail.subject == "You already have an account"


def test_an_address_registered_meanwhile_is_not_taken_over(
    client: Client, as_alice: Client, link: Link
) -> None:
    as_alice.submit("/account/email", email=NEW)
    change = link(NEW)
    client.submit("/register", email=NEW)
    choose_password(client, link(NEW))
    assert as_alice.submit(change).status_code == 410
    assert OLD in as_alice.page("/account").text


def test_h4_bob_requesting_the_same_address_delays_nothing(
    as_alice: Client, as_bob: Client, mailed: Mailed
) -> None:
    as_bob.submit("/account/email", email=NEW)
    as_alice.submit("/account/email", email=NEW)
    as_bob.submit("/account/email", email=NEW)
    assert as_alice.submit(link_in(mailed(NEW)[1])).status_code == 303
    assert NEW in as_alice.page("/account").text
    assert "bob@example.com" in as_bob.page("/account").text


def test_h4_a_typo_is_corrected_within_the_minute_and_its_link_is_void(
    as_alice: Client, link: Link
) -> None:
    as_alice.submit("/account/email", email="alcie@new.example")
    mistyped = link("alcie@new.example")
    as_alice.submit("/account/email", email=NEW)
    as_alice.page(mistyped, 410)
    as_alice.submit(link(NEW))
    assert NEW in as_alice.page("/account").text


def test_h4_of_two_requests_on_two_devices_the_newer_link_works(
    app: Application, alice: User, as_alice: Client, mailed: Mailed
) -> None:
    as_alice.submit("/account/email", email=NEW)
    signed_in(app, alice).submit("/account/email", email=NEW)
    older, newer = [link_in(mail) for mail in mailed(NEW)]
    as_alice.page(older, 410)
    assert as_alice.submit(newer).status_code == 303


def test_reauthentication_is_required_after_fifteen_minutes(
    as_alice: Client, clock: Clock
) -> None:
    clock.forward(minutes=16)
    response = as_alice.get("/account/email")
    assert response.location == "/prove?next=/account/email"
    as_alice.submit(response.location, password=PASSWORD)
    assert as_alice.get("/account/email").status_code == 200
