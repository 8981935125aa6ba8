"""Keeping the email address: a link in the emails about a change stops or undoes it."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.emailed_links import PASSPHRASE, choose_password, link_in

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]
OLD, NEW = "alice@example.com", "mallory@new.example"


@pytest.fixture
def as_mallory(app: Application, alice: User) -> Client:
    """The client of an attacker with a login of Alice, who has requested an email change."""
    mallory = signed_in(app, alice)
    mallory.submit("/account/email", email=NEW)
    return mallory


def can_sign_in(app: Application, email: str, password: str = PASSWORD) -> bool:
    response = visitor(app).sign_in(email, password)
    return response.status_code == 303


def test_h5_alice_stops_a_change_without_signing_in(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    change = link(NEW)
    response = client.submit(link(OLD))
    assert response.status_code == 303
    assert as_mallory.get("/account").status_code == 303
    as_mallory.page(change, 410)
    client.submit(str(response.location), password=PASSPHRASE)
    assert can_sign_in(app, OLD, PASSPHRASE)
    assert not can_sign_in(app, OLD)


def test_alice_undoes_a_change_that_was_made(
    app: Application, client: Client, as_mallory: Client, link: Link, mailed: Mailed
) -> None:
    as_mallory.submit(link(NEW))
    response = client.submit(link(OLD))
    assert as_mallory.get("/account").status_code == 303
    assert OLD in client.page(str(response.location)).html
    client.submit(str(response.location), password=PASSPHRASE)
    assert can_sign_in(app, OLD, PASSPHRASE)
    assert not can_sign_in(app, NEW)
    subjects = [mail.subject for mail in mailed(OLD)]
    assert "Email address change undone" in subjects


def test_the_link_in_the_first_email_undoes_the_change_too(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    first = link(OLD)
    as_mallory.submit(link(NEW))
    assert client.submit(first).status_code == 303
    assert can_sign_in(app, OLD)


def test_opening_the_link_changes_nothing_because_mail_scanners_open_links(
    client: Client, as_mallory: Client, link: Link
) -> None:
    response = client.get(link(OLD))
    assert response.headers["Cache-Control"] == "no-store"
    assert "Keep this address" in response.text
    assert as_mallory.get("/account").status_code == 200
    client.page(link(NEW))


def test_the_keep_link_works_once(client: Client, as_mallory: Client, link: Link) -> None:
    keep = link(OLD)
    client.submit(keep)
    client.page(keep, 410)


def test_the_keep_link_works_for_three_days(
    client: Client, as_mallory: Client, link: Link, clock: Clock
) -> None:
    clock.forward(hours=1)
    as_mallory.submit(link(NEW))
    clock.forward(days=2, hours=23)
    client.page(link(OLD))
    clock.forward(hours=2)
    client.page(link(OLD), 410)


def test_an_attacker_cannot_block_the_undo_by_changing_the_address_again(
    app: Application, client: Client, as_mallory: Client, link: Link, mailed: Mailed
) -> None:
    as_mallory.submit(link(NEW))
    as_mallory.submit("/account/email", email="mallory@newest.example")
    as_mallory.submit(link("mallory@newest.example"))
    hers, his = link(OLD), link_in(mailed(NEW)[-1])
    assert client.submit(hers).status_code == 303
    assert can_sign_in(app, OLD)
    client.page(his, 410)


def test_undoing_the_later_change_first_leaves_alices_link_valid(
    app: Application, client: Client, as_mallory: Client, link: Link, mailed: Mailed
) -> None:
    as_mallory.submit(link(NEW))
    as_mallory.submit("/account/email", email="mallory@newest.example")
    as_mallory.submit(link("mallory@newest.example"))
    client.submit(link_in(mailed(NEW)[-1]))
    assert client.submit(link(OLD)).status_code == 303
    assert can_sign_in(app, OLD)


def test_an_attacker_cannot_block_the_undo_by_a_new_password(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    as_mallory.submit(link(NEW))
    fields = {"current_password": PASSWORD, "password": "let mallory in, please"}
    assert as_mallory.submit("/account/password", **fields).status_code == 303
    client.submit(link(OLD))
    assert as_mallory.get("/account").status_code == 303
    assert can_sign_in(app, OLD, "let mallory in, please"), "until she has chosen her own"


def test_an_attacker_cannot_block_the_undo_by_a_deletion(
    app: Application, client: Client, as_mallory: Client, link: Link, clock: Clock
) -> None:
    as_mallory.submit(link(NEW))
    as_mallory.submit("/account/delete")
    response = client.submit(link(OLD))
    client.submit(str(response.location), password=PASSPHRASE)
    clock.forward(days=15)
    app.test_cli_runner().invoke(args=["prune"])
    assert can_sign_in(app, OLD, PASSPHRASE)


def test_a_reset_link_mailed_to_the_new_address_is_void(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    as_mallory.submit(link(NEW))
    client.submit("/reset", email=NEW)
    reset = link(NEW)
    client.submit(link(OLD))
    client.page(reset, 410)


def test_the_keep_link_has_no_effect_on_a_disabled_account(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    as_mallory.submit(link(NEW))
    app.test_cli_runner().invoke(args=["users", "disable", NEW])
    client.page(link(OLD), 410)


def test_an_address_that_has_another_account_by_now_stays_with_it(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    as_mallory.submit(link(NEW))
    undo = link(OLD)
    client.submit("/register", email=OLD)
    choose_password(client, link(OLD))
    assert client.submit(undo).status_code == 410
    assert can_sign_in(app, OLD, PASSPHRASE)
    assert can_sign_in(app, NEW)
