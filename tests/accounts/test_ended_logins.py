"""S12: pending requests of a login are void once it has ended, and so are links already mailed."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.application import Application
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.database import db
from app.mail.models import Message
from app.sessions.logins import end_login_reused
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.logins import find_logins

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]
NEW = "mallory@new.example"
NEW_PASSWORD = "seven quiet otters juggle"


@pytest.fixture
def as_mallory(app: Application, alice: User) -> Client:
    """The client of an attacker with a login of Alice, who has requested a change of address."""
    mallory = signed_in(app, alice)
    request_email_change(mallory)
    return mallory


def request_email_change(client: Client) -> None:
    assert client.submit("/account/email", email=NEW).status_code == 303


def run(app: Application, *args: str) -> None:
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 0, result.output


def change_password(app: Application, alice: User, here: Client) -> None:
    fields = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert here.submit("/account/password", **fields).status_code == 303


def end_others(app: Application, alice: User, here: Client) -> None:
    here.post("/devices/end-others", data={"csrf_token": here.csrf_token("/devices")})


def end_each(app: Application, alice: User, here: Client) -> None:
    """End each of the other devices by its own button."""
    forms = [str(form.get("action")) for form in here.page("/devices").all("form")]
    with app.app_context():
        ids = sorted(login.id for login in find_logins(alice))[:-1]
    for path in forms:
        if path in {f"/devices/{login_id}/end" for login_id in ids}:
            here.post(path, data={"csrf_token": here.csrf_token("/devices")})


def set_password(app: Application, alice: User, here: Client) -> None:
    run(app, "users", "set-password", alice.email, "--password", NEW_PASSWORD)


def disable_and_enable(app: Application, alice: User, here: Client) -> None:
    run(app, "users", "disable", alice.email)
    run(app, "users", "enable", alice.email)


def delete_and_return(app: Application, alice: User, here: Client) -> None:
    here.submit("/account/delete")
    visitor(app).sign_in(alice.email)


Act = Callable[[Application, User, Client], None]
ACTS: list[Act] = [
    change_password,
    end_others,
    end_each,
    set_password,
    disable_and_enable,
    delete_and_return,
]


@pytest.mark.parametrize("act", ACTS)
def test_h5_an_attackers_requests_are_void_once_alice_has_ended_his_login(
    act: Act, app: Application, alice: User, as_mallory: Client, link: Link
) -> None:
    change, here = link(NEW), signed_in(app, alice)
    act(app, alice, here)
    as_mallory.page(change, 410)


def test_h5_a_password_reset_voids_an_attackers_requests(
    app: Application, client: Client, as_mallory: Client, link: Link
) -> None:
    change = link(NEW)
    client.submit("/reset", email="alice@example.com")
    client.submit(link("alice@example.com"), password=NEW_PASSWORD)
    as_mallory.page(change, 410)


def test_h5_reusing_a_copied_remember_cookie_voids_the_requests(
    app: Application, alice: User, as_mallory: Client, link: Link
) -> None:
    with app.app_context(), unit_of_work():
        [login] = find_logins(alice)
        login.previous_digest, login.token_digest = login.token_digest, b"x" * 32
        login.rotation_key = b"x" * 32
    with as_mallory.session_transaction() as cookie:
        token = cookie["_user_id"]
    with app.app_context(), unit_of_work():
        end_login_reused(token)
    as_mallory.page(link(NEW), 410)


def test_h5_requests_of_a_copied_login_are_void_after_it_changes_the_password(
    app: Application, alice: User, as_mallory: Client, link: Link
) -> None:
    """Mallory's client makes the change: it has the same cookie as Alice's."""
    change_password(app, alice, as_mallory)
    as_mallory.page(link(NEW), 410)


def test_s12_signing_out_voids_nothing(
    app: Application, alice: User, client: Client, link: Link
) -> None:
    here = signed_in(app, alice)
    request_email_change(here)
    here.sign_out()
    assert client.submit(link(NEW)).status_code == 303


def test_s12_an_expired_login_voids_nothing(
    app: Application, alice: User, client: Client, link: Link, clock: Clock
) -> None:
    request_email_change(signed_in(app, alice))
    clock.forward(hours=25)
    run(app, "prune")
    assert client.submit(link(NEW)).status_code == 303


def test_s12_ending_other_devices_keeps_the_requests_of_this_one(
    app: Application, alice: User, link: Link
) -> None:
    here = signed_in(app, alice)
    request_email_change(here)
    signed_in(app, alice)
    end_others(app, alice, here)
    assert here.submit(link(NEW)).status_code == 303


def leave(app: Application, alice: User) -> None:
    signed_in(app, alice).submit("/account/delete")


def disable(app: Application, alice: User) -> None:
    run(app, "users", "disable", alice.email)


@pytest.mark.parametrize("close", [leave, disable])
def test_s12_a_reset_has_no_effect_on_a_closed_account(
    close: Callable[[Application, User], None],
    app: Application,
    alice: User,
    client: Client,
    link: Link,
    mailed: Mailed,
    clock: Clock,
) -> None:
    client.submit("/reset", email=alice.email)
    reset = link(alice.email)
    filled = client.page(reset).fields_for(reset) | {"password": NEW_PASSWORD}
    close(app, alice)
    client.page(reset, 410)
    assert client.post(reset, data=filled).status_code == 410
    clock.forward(minutes=2)
    client.submit("/reset", email=alice.email)
    mail = mailed(alice.email)[-1]
    assert mail.subject == "Your password was not reset"
    assert "/reset/" not in mail.text
    with app.app_context():
        user = db.session.get_one(User, alice.id)
        assert user.password_hash == alice.password_hash


@pytest.mark.parametrize("close", [leave, disable])
def test_s12_no_address_is_changed_on_a_closed_account(
    close: Callable[[Application, User], None],
    app: Application,
    alice: User,
    client: Client,
    link: Link,
) -> None:
    request_email_change(signed_in(app, alice))
    change = link(NEW)
    filled = client.page(change).fields_for(change)
    close(app, alice)
    assert client.post(change, data=filled).status_code == 410


def test_the_request_and_its_end_are_recorded(
    app: Application, alice: User, client: Client, as_mallory: Client, link: Link
) -> None:
    client.submit(link(alice.email))
    with app.app_context():
        recorded = {event.action for event in db.session.scalars(select(SecurityEvent))}
    assert recorded >= {Action.EMAIL_CHANGE_REQUESTED, Action.EMAIL_CHANGE_UNDONE}
