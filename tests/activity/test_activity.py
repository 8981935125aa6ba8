"""The activity page: the security events of a user."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.application import Application
from app.audit.actions import Action
from app.audit.trail import record
from app.database import db
from app.preferences.models import Preferences
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client


def happened(app: Application, user: User, *actions: Action) -> None:
    with app.app_context(), unit_of_work():
        for action in actions:
            record(action, user.id)


def listed(client: Client, path: str = "/activity") -> list[str]:
    return [item.text for item in client.page(path).all("strong") if item.is_within("ol")]


def test_alice_sees_where_and_when_a_sign_in_failed(client: Client, alice: User) -> None:
    stranger = {
        "REMOTE_ADDR": "203.0.113.7",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    }
    fields = {"email": alice.email, "password": "guess", "csrf_token": client.csrf_token()}
    client.post("/login", data=fields, environ_overrides=stranger)
    client.sign_in(alice.email)
    page = client.page("/activity")
    assert listed(client) == ["Signed in on a new device", "Signed in", "Sign-in failed"]
    assert "Firefox on Linux · 203.0.113.7" in page.text
    assert len(page.all("time")) == 3


def test_times_are_in_the_time_zone_of_the_user(as_alice: Client, alice: User) -> None:
    happened(as_alice.application, alice, Action.LOGIN_FAILED)
    with as_alice.application.app_context(), unit_of_work():
        db.session.add(Preferences(user_id=alice.id, time_zone="Asia/Kathmandu"))
    [time] = as_alice.page("/activity").all("time")
    in_nepal = datetime.fromisoformat(time.get("datetime")).astimezone(ZoneInfo("Asia/Kathmandu"))
    assert f"{in_nepal:%I:%M:%S}".lstrip("0") in time.text


def test_users_see_only_their_own_events(as_alice: Client, bob: User) -> None:
    happened(as_alice.application, bob, Action.PASSWORD_CHANGED)
    assert listed(as_alice) == []
    assert "Nothing to show" in as_alice.page("/activity").text


def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/activity").location == "/login?next=/activity"


def test_pages_do_not_shift_when_an_event_is_added(as_alice: Client, alice: User) -> None:
    app = as_alice.application
    happened(app, alice, *[Action.LOGIN_FAILED] * 10, *[Action.LOGIN_SUCCEEDED] * 25)
    assert listed(as_alice) == ["Signed in"] * 25
    older = as_alice.page("/activity").one("a", rel="next").get("href")
    happened(app, alice, Action.PASSWORD_CHANGED)
    assert listed(as_alice, older) == ["Sign-in failed"] * 10
    newer = as_alice.page(older).one("a", rel="prev").get("href")
    assert listed(as_alice, newer) == ["Signed in"] * 25
    newest = as_alice.page(newer).one("a", rel="prev").get("href")
    assert listed(as_alice, newest) == ["Password changed"]


def test_the_last_page_has_no_next_link(as_alice: Client, alice: User) -> None:
    happened(as_alice.application, alice, *[Action.LOGIN_ENDED] * 25)
    assert not [link for link in as_alice.page("/activity").all("a") if link.get("rel") == "next"]


def test_an_invalid_cursor_shows_the_first_page(as_alice: Client, alice: User) -> None:
    happened(as_alice.application, alice, Action.LOGIN_ENDED)
    for before in ("nonsense", "9" * 40, "-" + "9" * 40, ""):
        assert listed(as_alice, f"/activity?before={before}") == ["Signed out"]


def test_actions_of_an_operator_are_marked_as_by_staff(as_alice: Client, alice: User) -> None:
    happened(as_alice.application, alice, Action.PASSWORD_CHANGED)
    assert "by staff" in as_alice.page("/activity").text
