"""Resetting a forgotten password."""

from collections.abc import Callable

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, visitor
from tests.emailed_links import PASSPHRASE

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]


def test_alice_sets_a_new_password_by_mail(client: Client, alice: User, link: Link) -> None:
    client.submit("/reset", email="alice@example.com")
    client.submit(link("alice@example.com"), password=PASSPHRASE)
    response = client.sign_in("alice@example.com", PASSPHRASE)
    assert response.location == "/account"


def test_a_reset_ends_the_old_password_and_every_login(
    client: Client, as_alice: Client, link: Link
) -> None:
    client.submit("/reset", email="alice@example.com")
    client.submit(link("alice@example.com"), password=PASSPHRASE)
    assert as_alice.get("/account").status_code == 303
    response = client.sign_in("alice@example.com")
    assert response.status_code == 422


def test_a_visitor_sees_the_same_for_any_address(app: Application, alice: User) -> None:
    known = visitor(app).submit("/reset", email="alice@example.com")
    unknown = visitor(app).submit("/reset", email="nobody@example.com")
    assert (known.status, known.location) == (unknown.status, unknown.location)
    assert known.data == unknown.data


def test_an_address_without_an_account_is_told_so_by_email(client: Client, mailed: Mailed) -> None:
    client.submit("/reset", email="nobody@example.com")
    [mail] = mailed("nobody@example.com")
    assert mail.subject == "No account with this email address"
    assert "/reset/" not in mail.text


def test_opening_the_link_does_not_use_it_up(client: Client, alice: User, link: Link) -> None:
    client.submit("/reset", email="alice@example.com")
    client.page(link("alice@example.com"))
    client.page(link("alice@example.com"))


def test_a_refused_password_does_not_use_the_link_up(
    client: Client, alice: User, link: Link
) -> None:
    client.submit("/reset", email="alice@example.com")
    response = client.submit(link("alice@example.com"), password="alice@example.com")
    assert response.status_code == 422
    assert client.submit(link("alice@example.com"), password=PASSPHRASE).status_code == 303


def test_a_link_works_once_and_for_an_hour(
    client: Client, alice: User, link: Link, clock: Clock
) -> None:
    client.submit("/reset", email="alice@example.com")
    address = link("alice@example.com")
    clock.forward(hours=1, seconds=1)
    client.page(address, 410)


def test_a_new_password_makes_older_links_useless(
    client: Client, alice: User, link: Link, clock: Clock
) -> None:
    client.submit("/reset", email="alice@example.com")
    first = link("alice@example.com")
    clock.forward(minutes=2)
    client.submit("/reset", email="alice@example.com")
    client.submit(link("alice@example.com"), password=PASSPHRASE)
    client.page(first, 410)


def test_alice_is_notified_by_email_of_her_new_password(
    client: Client, alice: User, link: Link, mailed: Mailed
) -> None:
    client.submit("/reset", email="alice@example.com")
    client.submit(link("alice@example.com"), password=PASSPHRASE)
    assert mailed("alice@example.com")[-1].subject == "Password reset"
