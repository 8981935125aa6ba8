"""S6: users see on which devices they are signed in, and sign out of them."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from app.application import Application
from app.clock import now
from app.database import db
from app.sessions.device_labels import device_label
from app.sessions.logins import begin_login, end_logins
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


def add_login(app: Application, user: User, user_agent: str = FIREFOX) -> int:
    with app.app_context(), unit_of_work():
        login, _ = begin_login(user, user_agent=user_agent, address="192.0.2.7", remembered=False)
        return login.id


def exists(app: Application, login_id: int) -> bool:
    with app.app_context():
        return db.session.get(LoginSession, login_id) is not None


def end(client: Client, path: str) -> int:
    return client.post(path, data={"csrf_token": client.csrf_token("/devices")}).status_code


def test_s6_a_device_is_shown_with_its_label_address_and_times(
    as_alice: Client, app: Application, alice: User
) -> None:
    add_login(app, alice, SAFARI)
    this, other = (section.text for section in as_alice.page("/devices").all("section"))
    assert "Safari on iPhone" in other
    assert "192.0.2.7" in other
    assert f"signed in {now():%b %-d, %Y}" in " ".join(other.split())
    assert "Unknown device" in this


def test_s6_users_see_only_their_own_devices(
    as_alice: Client, app: Application, bob: User
) -> None:
    add_login(app, bob, SAFARI)
    assert "Safari" not in as_alice.page("/devices").text
    assert "You are not signed in on any other device." in as_alice.page("/devices").text


def test_s6_a_login_that_has_ended_is_not_shown(
    as_alice: Client, app: Application, alice: User, clock: Clock
) -> None:
    add_login(app, alice, SAFARI)
    for _ in range(2):
        clock.forward(minutes=40)
        page = as_alice.page("/devices")
    assert "Safari" not in page.text


def test_s6_alice_ends_one_of_her_devices(as_alice: Client, app: Application, alice: User) -> None:
    phone, tablet = add_login(app, alice), add_login(app, alice)
    assert end(as_alice, f"/devices/{phone}/end") == 303
    assert (exists(app, phone), exists(app, tablet)) == (False, True)
    assert "Signed out of Firefox on Linux." in as_alice.page("/devices").text


def test_s6_alice_ends_all_others(as_alice: Client, app: Application, alice: User) -> None:
    others = [add_login(app, alice), add_login(app, alice)]
    assert end(as_alice, "/devices/end-others") == 303
    assert not any(exists(app, other) for other in others)
    assert as_alice.get("/devices").status_code == 200


def test_s6_alice_cannot_end_a_device_of_bob(
    as_alice: Client, app: Application, bob: User
) -> None:
    bobs = add_login(app, bob)
    assert end(as_alice, f"/devices/{bobs}/end") == 404
    assert end(as_alice, f"/devices/{bobs + 1000}/end") == 404
    end(as_alice, "/devices/end-others")
    assert exists(app, bobs)


def test_s6_ending_this_device_signs_out(client: Client, alice: User) -> None:
    client.sign_in(alice.email, remember=True)
    client.submit("/preferences", theme="dark")
    [form] = [f for f in client.page("/devices").all("form") if "/end" in f.get("action")]
    token = client.csrf_token("/devices")
    response = client.post(form.get("action"), data={"csrf_token": token})
    assert (response.status_code, response.location) == (303, "/login")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("remember_token") is None
    assert client.get("/account").status_code == 303
    assert client.page("/login").one("html").get("data-bs-theme") == "dark"


def test_s6_a_device_that_has_ended_is_404(
    as_alice: Client, app: Application, alice: User
) -> None:
    phone = add_login(app, alice)
    end(as_alice, f"/devices/{phone}/end")
    assert end(as_alice, f"/devices/{phone}/end") == 404


def test_s6_one_call_ends_all_other_logins(app: Application, alice: User) -> None:
    this = add_login(app, alice)
    others = [add_login(app, alice), add_login(app, alice)]
    with app.app_context(), unit_of_work():
        assert end_logins(alice, but=db.session.get(LoginSession, this)) == 2
    assert exists(app, this)
    assert not any(exists(app, other) for other in others)


@pytest.mark.parametrize("command", ["disable", "set-password"])
def test_s6_an_operator_ends_every_login_of_a_user(
    as_alice: Client, app: Application, alice: User, bob: User, command: str
) -> None:
    elsewhere, bobs = signed_in(app, alice, remembered=True), signed_in(app, bob)
    password = ["--password", PASSWORD[::-1]] if command == "set-password" else []
    result = app.test_cli_runner().invoke(args=["users", command, alice.email, *password])
    assert result.exit_code == 0
    assert [c.get("/account").status_code for c in (as_alice, elsewhere, bobs)] == [303, 303, 200]


def test_s6_a_script_in_a_user_agent_is_escaped(
    as_alice: Client, app: Application, alice: User
) -> None:
    add_login(app, alice, "<script>alert(1)</script> Firefox/1" + "x" * 1000)
    assert "<script>alert" not in as_alice.page("/devices").html


# --- Many devices


def add_logins(app: Application, user: User, count: int) -> list[int]:
    """Add logins that were last used one minute after another, the first one first.

    Every two were used at the same moment, which the order of their ids decides.
    """
    with app.app_context(), unit_of_work():
        logins = [
            LoginSession(
                user_id=user.id,
                token_digest=number.to_bytes(32),
                user_agent=FIREFOX,
                address="192.0.2.7",
                remembered=True,
                expires_at=now() + timedelta(days=30),
                last_seen_at=now() - timedelta(minutes=(count - number) // 2 + 1),
            )
            for number in range(count)
        ]
        db.session.add_all(logins)
        db.session.flush()
        return [login.id for login in logins]


def listed(client: Client, path: str = "/devices") -> list[int]:
    """Return the ids of the other devices on a page, in order."""
    actions = [form.get("action") for form in client.page(path).all("form")]
    ids = [int(action.split("/")[2]) for action in actions if action.endswith("/end")]
    return ids[1:]


def next_page(client: Client, path: str) -> str | None:
    links = [link for link in client.page(path).all("a") if link.get("rel") == "next"]
    return links[0].get("href") if links else None


def test_s6_many_devices_are_paginated_with_the_last_used_first(
    as_alice: Client, app: Application, alice: User
) -> None:
    added = add_logins(app, alice, 60)
    seen: list[int] = []
    path: str | None = "/devices"
    while path and len(seen) < len(added):
        seen += listed(as_alice, path)
        path = next_page(as_alice, path)
    assert seen == added[::-1]
    assert path is None


def test_s6_a_page_has_as_many_devices_as_alice_prefers(
    as_alice: Client, app: Application, alice: User
) -> None:
    add_logins(app, alice, 12)
    as_alice.submit("/preferences", page_size="10")
    assert len(listed(as_alice)) == 10
    older = next_page(as_alice, "/devices")
    assert older is not None
    assert len(listed(as_alice, older)) == 2
    newer = as_alice.page(older).one("a", rel="prev").get("href")
    assert listed(as_alice, newer) == listed(as_alice)


def test_s6_the_last_page_has_no_next_link(
    as_alice: Client, app: Application, alice: User
) -> None:
    add_logins(app, alice, 25)
    assert next_page(as_alice, "/devices") is None


def test_s6_devices_do_not_shift_when_another_is_added(
    as_alice: Client, app: Application, alice: User
) -> None:
    added = add_logins(app, alice, 30)
    older = next_page(as_alice, "/devices")
    assert older is not None
    add_login(app, alice)
    assert listed(as_alice, older) == added[4::-1]


@pytest.mark.parametrize("before", ["", "x", "1-1", "9" * 16 + "-" + "9" * 10, "1-1 OR 1=1"])
def test_s6_an_invalid_cursor_shows_the_first_page(
    as_alice: Client, app: Application, alice: User, before: str
) -> None:
    added = add_logins(app, alice, 3)
    assert listed(as_alice, f"/devices?{urlencode({'before': before})}") == added[::-1]


def test_s6_a_cursor_of_alice_shows_bob_only_his_own_devices(
    as_alice: Client, as_bob: Client, app: Application, alice: User
) -> None:
    add_logins(app, alice, 30)
    older = next_page(as_alice, "/devices")
    assert older is not None
    assert listed(as_bob, older) == []


def test_s6_the_page_stays_short_with_ten_thousand_devices(
    as_alice: Client, app: Application, alice: User
) -> None:
    add_logins(app, alice, 10_000)
    assert len(as_alice.get("/devices").data) < 40_000
    assert len(listed(as_alice)) == 25


def test_s6_visitors_are_asked_to_sign_in(app: Application) -> None:
    assert visitor(app).get("/devices").location == "/login?next=/devices"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/142.0", "Edge on Windows"),
        (CHROME + " OPR/120.0", "Opera on Windows"),
        (CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 16"), "Chrome on Android"),
        (SAFARI.replace("Version/18.5", "CriOS/142.0"), "Chrome on iPhone"),
        (SAFARI.replace("Version/18.5", "FxiOS/145.0"), "Firefox on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/18.5 Safari/605.1", "Safari on macOS"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/142.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.14.1", "Unknown device"),
        ("Windows-Update-Agent", "Windows"),
        ("", "Unknown device"),
    ],
)
def test_s6_a_device_has_a_label_that_its_owner_recognizes(
    app: Application, user_agent: str, label: str
) -> None:
    with app.test_request_context():
        assert device_label(user_agent) == label
