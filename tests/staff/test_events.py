"""Staff read the security events of all users, and those of one."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.audit.trail import record
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in, visitor

EventsOf = Callable[[User], list[SecurityEvent]]


@pytest.fixture
def as_auditor(app: Application, staff: Callable[[str], User]) -> Client:
    return signed_in(app, staff("auditor"))


@pytest.fixture
def history(app: Application, alice: User, bob: User) -> None:
    with app.app_context(), unit_of_work():
        record(Action.LOGIN_SUCCEEDED, alice.id)
        record(Action.PASSWORD_CHANGED, bob.id)


@pytest.mark.usefixtures("history")
def test_all_events_are_listed_newest_first(as_auditor: Client) -> None:
    text = as_auditor.page("/staff/events").text
    assert text.index("Password changed") < text.index("Signed in")
    assert text.index("bob@example.com") < text.index("alice@example.com")


@pytest.mark.usefixtures("history")
def test_the_events_of_one_user_lead_back_to_all(as_auditor: Client, alice: User) -> None:
    page = as_auditor.page(f"/staff/events?user={alice.id}")
    assert "Signed in" in page.text
    assert "Password changed" not in page.text
    assert page.one("a", **{"class": "back-link"}).get("href") == "/staff/events"


def test_looking_at_the_events_of_a_user_is_recorded_once(
    as_auditor: Client, alice: User, events_of: EventsOf
) -> None:
    for _ in range(2):
        as_auditor.page(f"/staff/events?user={alice.id}")
    assert [event.action for event in events_of(alice)] == ["staff.looked"]


def test_looking_at_all_events_is_not_a_look_at_each_user(
    as_auditor: Client, alice: User, events_of: EventsOf
) -> None:
    as_auditor.page("/staff/events")
    assert events_of(alice) == []


def test_events_name_the_staff_who_acted_to_staff(
    app: Application, as_admin: Client, alice: User
) -> None:
    as_admin.page(f"/staff/people/{alice.id}")
    assert "by admin@example.com" in as_admin.page("/staff/events").text


@pytest.mark.usefixtures("history")
def test_the_list_has_pages(app: Application, as_auditor: Client, alice: User) -> None:
    with app.app_context(), unit_of_work():
        for _ in range(30):
            record(Action.LOGIN_FAILED, alice.id)
    [older] = [it for it in as_auditor.page("/staff/events").all("a") if it.get("rel") == "next"]
    assert "Password changed" in as_auditor.page(older.get("href")).text


def test_a_user_agent_is_shown_as_text(app: Application, as_auditor: Client, alice: User) -> None:
    browser = visitor(app)
    html = "<script>alert(1)</script> Firefox/1.0 Linux"
    form = {"email": alice.email, "password": "wrong", "csrf_token": browser.csrf_token()}
    browser.post("/login", data=form, headers={"User-Agent": html})
    page = as_auditor.page("/staff/events")
    assert "Sign-in failed" in page.text
    assert "<script>alert" not in page.html


@pytest.mark.parametrize("user", ["abc", "", "1.5"])
def test_a_filter_that_is_not_a_number_shows_all_events(
    as_auditor: Client, history: None, user: str
) -> None:
    assert "Password changed" in as_auditor.page(f"/staff/events?user={user}").text


@pytest.mark.parametrize("user", ["0", "-1", "99999"])
def test_the_events_of_an_unknown_user_do_not_exist(as_auditor: Client, user: str) -> None:
    as_auditor.page(f"/staff/events?user={user}", status=404)


def test_support_does_not_see_events(as_support: Client) -> None:
    as_support.page("/staff/events", status=404)
    assert "/staff/events" not in as_support.page("/staff/people").html
