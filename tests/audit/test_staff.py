"""A12: the owner sees actions of staff, but neither their origin nor their identity."""

from collections.abc import Callable

import pytest
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.application import Application
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.audit.trail import record, record_regardless
from app.database import db
from app.mail.models import Message
from app.unit_of_work import commit_later, regardless
from app.users.models import User
from tests.client import Client
from tests.conftest import (
    PASSWORD,  # part: activity
    signed_in,
)

ADDRESS = "203.0.113.77"
BROWSER = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
WAYS: dict[str, Callable[..., None]] = {
    "in the unit": record,
    "refused": record_regardless,
    "regardless": lambda *what: regardless(record, *what),
}


def staff_pages() -> Blueprint:
    views = Blueprint("acts", __name__)

    @views.post("/people/<int:user_id>/<way>")
    def act(user_id: int, way: str) -> ResponseReturnValue:
        WAYS[way](Action.PASSWORD_CHANGED, user_id)
        commit_later()
        return {}

    return views


@pytest.fixture
def site_with_staff(make_app: Callable[..., Application]) -> Application:
    return make_app(staff_pages())


@pytest.fixture
def staff(site_with_staff: Application, bob: User) -> Client:
    client = signed_in(site_with_staff, bob)
    client.environ_base |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER}
    return client


@pytest.fixture
def owner(site_with_staff: Application, alice: User) -> Client:
    return signed_in(site_with_staff, alice)


def act(staff: Client, user: User, way: str = "in the unit") -> None:
    token = {"csrf_token": staff.csrf_token("/account")}
    assert staff.post(f"/people/{user.id}/{way}", data=token).status_code == 200


def event_of(app: Application, user: User) -> SecurityEvent:
    with app.app_context():
        return db.session.scalars(select(SecurityEvent).filter_by(user_id=user.id)).one()


def tells_nothing(text: str) -> bool:
    return not [secret for secret in (ADDRESS, "Firefox", "Windows", "bob@") if secret in text]


# part: activity
@pytest.mark.parametrize("way", WAYS)
def test_the_owner_sees_actions_of_staff_without_their_origin(
    staff: Client, owner: Client, alice: User, way: str
) -> None:
    act(staff, alice, way)
    page = owner.page("/activity")
    assert "Password changed" in page.text
    assert "by staff" in page.text
    assert tells_nothing(page.html)


# end part: activity
def test_the_origin_of_staff_is_not_stored_but_their_id_is(
    staff: Client, alice: User, bob: User
) -> None:
    act(staff, alice)
    event = event_of(staff.application, alice)
    assert (event.by_staff, event.actor_id) == (True, bob.id)
    assert (event.address, event.user_agent) == (None, None)


def test_the_email_says_by_staff(
    staff: Client, alice: User, outbox: Callable[[], list[Message]]
) -> None:
    act(staff, alice)
    [mail] = outbox()
    assert mail.recipient == "alice@example.com"
    for text in (mail.text, mail.html):
        assert "by staff" in text
        assert "If it was you" not in text
        assert tells_nothing(text)


def test_staff_acting_on_their_own_account_are_the_owner(staff: Client, bob: User) -> None:
    act(staff, bob)
    event = event_of(staff.application, bob)
    assert (event.by_staff, event.actor_id, event.address) == (False, None, ADDRESS)
    assert ADDRESS in staff.page("/activity").text  # part: activity


@pytest.mark.parametrize("path", ["/login", "/prove"])
def test_a_failed_attempt_by_a_signed_in_attacker_shows_its_address(
    staff: Client, owner: Client, alice: User, bob: User, path: str
) -> None:
    """Otherwise the attempts of a signed-in attacker would appear as actions of staff."""
    fields = {
        "email": alice.email,
        "password": "guess",
        "csrf_token": staff.csrf_token("/account"),
    }
    staff.post(path, data=fields)
    target = alice if path == "/login" else bob
    event = event_of(staff.application, target)
    assert (event.action, event.by_staff, event.address) == ("login.failed", False, ADDRESS)


def test_an_emailed_link_opened_in_another_users_browser_is_not_by_staff(
    staff: Client, owner: Client, alice: User, outbox: Callable[[], list[Message]]
) -> None:
    staff.submit("/reset", email=alice.email)
    path = "/reset/" + outbox()[-1].text.partition("/reset/")[2].split()[0]
    assert staff.submit(path, password="seven quiet otters juggle").status_code == 303
    event = event_of(staff.application, alice)
    assert (event.action, event.by_staff, event.address) == ("password.reset", False, ADDRESS)


# part: activity
def test_signing_in_to_another_account_in_the_same_browser_is_not_by_staff(
    staff: Client, alice: User
) -> None:
    fields = {"email": alice.email, "password": PASSWORD}
    fields["csrf_token"] = staff.csrf_token("/account")
    assert staff.post("/login", data=fields).status_code == 303
    page = staff.page("/activity")
    assert "by staff" not in page.text
    assert ADDRESS in page.text


# end part: activity
