"""S4: a login is remembered only on request, and the use of a copied cookie is detected."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import pytest
from flask import Blueprint
from sqlalchemy import select

from app.application import Application
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.crypto.tokens import digest
from app.database import db
from app.mail.models import Message
from app.sessions.models import LoginSession
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page
from tests.server import Browser, Response, serving

MakeApp = Callable[..., Application]


@pytest.fixture
def remembered(client: Client, alice: User) -> Client:
    """Alice's browser after it was closed: only the remember cookie remains."""
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    client.delete_cookie("session")
    return client


def row(app: Application) -> LoginSession | None:
    with app.app_context():
        return db.session.scalars(select(LoginSession)).one_or_none()


def token_of(client: Client) -> str:
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    return cookie.value


def copy_of(client: Client, token: str | None = None) -> Client:
    """Return a browser that has only the remember cookie."""
    copied = visitor(client.application)
    copied.set_cookie("remember_token", token or token_of(client))
    return copied


def test_s4_without_the_checkbox_a_login_is_not_remembered(client: Client, alice: User) -> None:
    client.submit("/login", email=alice.email, password=PASSWORD)
    assert client.get_cookie("remember_token") is None
    with client.session_transaction() as cookie:
        assert not cookie.permanent
        token = cookie["_user_id"]
    assert not copy_of(client, token).is_signed_in, "its token must not work as a remember cookie"


def test_s4_the_login_survives_the_loss_of_the_session_cookie(remembered: Client) -> None:
    assert "alice@example.com" in remembered.page("/account").text
    with remembered.session_transaction() as cookie:
        assert cookie["_user_id"] == token_of(remembered)


def test_s4_resuming_gives_the_same_login_a_new_token(
    remembered: Client, app: Application
) -> None:
    before, old = row(app), token_of(remembered)
    assert remembered.is_signed_in
    after, new = row(app), token_of(remembered)
    assert before is not None
    assert after is not None
    assert (before.id, before.expires_at) == (after.id, after.expires_at)
    assert after.token_digest == digest(new) != digest(old)


def test_s4_the_new_cookie_ends_when_the_login_does(remembered: Client, clock: Clock) -> None:
    clock.forward(days=10)
    assert remembered.is_signed_in
    cookie = remembered.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.max_age == pytest.approx(20 * 24 * 3600, abs=5)


def test_s4_with_its_session_cookie_a_remembered_login_keeps_its_token(
    client: Client, alice: User
) -> None:
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    old = token_of(client)
    assert client.is_signed_in
    assert token_of(client) == old


def test_s4_resuming_starts_a_clean_session(remembered: Client) -> None:
    with remembered.session_transaction() as cookie:
        cookie.update(planted="by an attacker", csrf_token="known to an attacker")
    assert remembered.is_signed_in
    with remembered.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["csrf_token"] != "known to an attacker"


def test_s4_resuming_works_on_a_public_page(remembered: Client) -> None:
    assert "Sign out" in remembered.page("/").text


def test_s4_an_unknown_page_does_not_resume_the_login(remembered: Client) -> None:
    assert remembered.get("/nowhere").headers.getlist("Set-Cookie") == []


def test_s4_the_first_page_after_resuming_has_the_theme_of_the_user(
    client: Client, alice: User, app: Application
) -> None:
    signed_in(app, alice).submit("/preferences", theme="dark")
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    client.delete_cookie("session")
    assert client.page("/").one("html").get("data-bs-theme") == "dark"


def test_s4_a_resumed_login_is_not_reauthenticated(remembered: Client, app: Application) -> None:
    assert remembered.is_signed_in
    login = row(app)
    assert login is not None
    assert login.authenticated_at is None


# --- The old token, until the new one was received, and during the grace period


def test_s4_after_a_lost_response_the_old_token_is_still_valid(
    remembered: Client, clock: Clock
) -> None:
    lost = copy_of(remembered)
    assert lost.is_signed_in
    clock.forward(hours=5)
    assert remembered.is_signed_in
    assert token_of(remembered) == token_of(lost), "the same response again"
    assert remembered.is_signed_in


def test_s4_a_lost_response_can_be_repeated_any_number_of_times(
    remembered: Client, clock: Clock
) -> None:
    for _ in range(3):
        clock.forward(seconds=11)
        assert copy_of(remembered).is_signed_in


def test_s4_responses_lost_after_the_grace_period_do_not_end_the_login(
    remembered: Client, clock: Clock
) -> None:
    for _ in range(3):
        assert copy_of(remembered).is_signed_in
        clock.forward(seconds=61)
    assert remembered.is_signed_in


# --- Both cookies are renewed, so that a lost response does not count as token reuse


@pytest.fixture
def staying(client: Client, alice: User) -> Client:
    """Alice's browser, with its session cookie and its remember cookie."""
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    return client


def twin_of(client: Client) -> Client:
    """Return a browser with the same cookies, whose responses the first one does not receive."""
    twin = visitor(client.application)
    for name in ("session", "remember_token"):
        held = client.get_cookie(name)
        assert held is not None
        twin.set_cookie(name, held.value)
    return twin


def reauthenticate(client: Client) -> None:
    assert client.submit("/prove", password=PASSWORD).status_code == 303


def assert_no_alarm(client: Client) -> None:
    with client.application.app_context():
        actions = db.session.scalars(select(SecurityEvent.action)).all()
    assert Action.TOKEN_REUSED not in actions


@pytest.mark.parametrize("lost", [1, 3])
def test_s4_a_lost_response_to_a_reauthentication_is_not_token_reuse(
    staying: Client, clock: Clock, lost: int
) -> None:
    reauthenticate(twin_of(staying))
    for _ in range(lost - 1):
        assert twin_of(staying).is_signed_in
        clock.forward(seconds=61)
    assert staying.is_signed_in
    assert staying.is_signed_in
    clock.forward(minutes=2)
    staying.delete_cookie("session")
    assert staying.is_signed_in
    assert_no_alarm(staying)


def test_s4_a_remember_cookie_that_is_behind_is_renewed_with_the_next_page(
    staying: Client, clock: Clock
) -> None:
    behind = token_of(staying)
    reauthenticate(staying)
    staying.set_cookie("remember_token", behind)
    for _ in range(2):
        assert staying.is_signed_in
    clock.forward(minutes=2)
    staying.delete_cookie("session")
    assert staying.is_signed_in
    assert_no_alarm(staying)


def test_s4_while_the_remember_cookie_is_behind_its_token_stays_valid(
    staying: Client, clock: Clock
) -> None:
    behind = token_of(staying)
    reauthenticate(staying)
    staying.set_cookie("remember_token", behind)
    assert twin_of(staying).is_signed_in, "and this response is lost"
    clock.forward(minutes=2)
    staying.delete_cookie("session")
    assert staying.is_signed_in
    assert_no_alarm(staying)


def test_s4_a_remember_cookie_of_another_login_is_left_alone(staying: Client) -> None:
    staying.set_cookie("remember_token", "another-login")
    assert staying.is_signed_in
    assert token_of(staying) == "another-login"


def test_s4_other_tabs_have_a_short_grace_period(remembered: Client, clock: Clock) -> None:
    late_tab = copy_of(remembered)
    assert remembered.is_signed_in
    assert remembered.is_signed_in
    clock.forward(seconds=59)
    assert late_tab.is_signed_in


def test_s4_the_grace_period_is_a_setting(make_app: MakeApp, alice: User, clock: Clock) -> None:
    client = visitor(make_app(REMEMBERED_GRACE_LIFETIME="5s"))
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    client.delete_cookie("session")
    copied = copy_of(client)
    assert client.is_signed_in
    assert client.is_signed_in
    clock.forward(seconds=6)
    assert not copied.is_signed_in


@pytest.fixture
def stolen(remembered: Client, clock: Clock) -> Client:
    """A copy of Alice's remember cookie whose token she has replaced since, beyond the grace."""
    copied = copy_of(remembered)
    assert remembered.is_signed_in
    assert remembered.is_signed_in
    clock.forward(seconds=61)
    return copied


def test_s4_token_reuse_ends_the_login_in_every_browser(
    stolen: Client, remembered: Client, app: Application
) -> None:
    newest = token_of(remembered)
    assert not stolen.is_signed_in
    assert row(app) is None
    assert not remembered.is_signed_in
    assert not copy_of(remembered, newest).is_signed_in


def test_s4_token_reuse_is_recorded_and_emailed_to_the_owner(
    stolen: Client, app: Application, outbox: Callable[[], list[Message]]
) -> None:
    before = len(outbox())
    assert stolen.get("/nowhere-private").status_code == 404
    stolen.get("/account")
    with app.app_context():
        actions = db.session.scalars(select(SecurityEvent.action)).all()
    assert actions.count(Action.TOKEN_REUSED) == 1
    assert [mail.recipient for mail in outbox()[before:]] == ["alice@example.com"]


def test_s4_token_reuse_is_detected_on_any_page_even_one_that_fails(
    stolen: Client, app: Application
) -> None:
    response = stolen.post("/logout")
    assert response.status_code == 400, "without a form token"
    stolen.get("/")
    assert row(app) is None


def test_s4_after_token_reuse_the_sign_in_page_says_so(stolen: Client) -> None:
    assert "may have copied your session" in stolen.page(stolen.get("/account").location).text


def test_s4_a_thief_who_uses_the_copy_first_is_detected_when_the_owner_returns(
    remembered: Client, app: Application, clock: Clock
) -> None:
    thief = copy_of(remembered)
    assert thief.is_signed_in
    assert thief.is_signed_in
    clock.forward(minutes=2)
    assert not remembered.is_signed_in
    assert not thief.is_signed_in


def test_s4_a_token_replaced_twice_is_unknown(
    remembered: Client, app: Application, clock: Clock
) -> None:
    copied = copy_of(remembered)
    for _ in range(2):
        assert remembered.is_signed_in
        assert remembered.is_signed_in
        remembered.delete_cookie("session")
        clock.forward(minutes=2)
    assert not copied.is_signed_in
    assert row(app) is not None
    assert remembered.is_signed_in


# --- The end of a remembered login


def test_s4_signing_out_voids_the_remember_cookie(remembered: Client) -> None:
    copied = copy_of(remembered)
    remembered.post("/logout", data={"csrf_token": remembered.csrf_token("/account")})
    assert not copied.is_signed_in


def test_s4_ending_the_device_elsewhere_voids_the_remember_cookie(
    remembered: Client, as_alice: Client
) -> None:
    token = as_alice.csrf_token("/devices")
    assert as_alice.post("/devices/end-others", data={"csrf_token": token}).status_code == 303
    assert not remembered.is_signed_in
    assert as_alice.is_signed_in


def test_s4_a_resumed_login_still_ends_at_its_absolute_limit(
    remembered: Client, clock: Clock
) -> None:
    for _ in range(5):
        clock.forward(days=5)
        assert remembered.is_signed_in
        remembered.delete_cookie("session")
    clock.forward(days=5)
    assert not remembered.is_signed_in


def test_s4_a_void_remember_cookie_is_deleted_after_the_message(
    remembered: Client, clock: Clock
) -> None:
    clock.forward(days=31)
    assert "For your security" in remembered.page(remembered.get("/account").location).text
    assert remembered.get_cookie("remember_token") is None
    assert "For your security" not in remembered.page(remembered.get("/account").location).text


def test_s4_a_valid_remember_cookie_beside_an_ended_session_cookie_resumes(
    remembered: Client, app: Application, bob: User
) -> None:
    with remembered.session_transaction() as cookie:
        cookie["_user_id"] = "a token of a login that has ended"
        cookie["user_id"] = bob.id
    assert "alice@example.com" in remembered.page("/account").text


# --- Failures


def test_s4_after_a_failed_request_the_old_cookie_is_still_valid(
    make_app: MakeApp, alice: User
) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/fail", view_func=lambda: {}[0], endpoint="fail")
    client = visitor(make_app(views, PROPAGATE_EXCEPTIONS=False))
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    client.delete_cookie("session")
    response = client.get("/fail")
    assert (response.status_code, response.headers.getlist("Set-Cookie")) == (500, [])
    assert client.is_signed_in


def test_s4_a_form_submitted_with_the_remember_cookie_alone_is_rejected(
    remembered: Client,
) -> None:
    assert remembered.post("/account", data={"display_name": "Forged"}).status_code == 400
    assert "Forged" not in remembered.page("/account").html


def test_s4_while_the_database_is_busy_the_old_token_stays_valid(
    make_app: MakeApp, alice: User, clean_database: str, is_postgresql: bool
) -> None:
    impatient = "?options=-c%20lock_timeout%3D500" if is_postgresql else ""
    application = make_app(DATABASE_URL=clean_database + impatient, DATABASE_TIMEOUT="1s")
    client = visitor(application)
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    client.delete_cookie("session")
    with application.app_context(), db.engine.begin() as busy:
        if is_postgresql:
            busy.execute(LoginSession.__table__.update().values(address="elsewhere"))
        assert client.is_signed_in
    client.delete_cookie("session")
    assert client.is_signed_in


# --- Twenty tabs at once, over real HTTP


@pytest.fixture
def port(app: Application) -> Iterator[int]:
    with serving(app) as port:
        yield port


def test_s4_twenty_tabs_with_the_old_cookie_all_open_and_rotate_it_once(
    port: int, app: Application, alice: User, clock: Clock
) -> None:
    owner = Browser(port)
    owner.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    del owner.cookies["session"]
    old = owner.cookies["remember_token"]
    with ThreadPoolExecutor(20) as tabs:
        responses = list(tabs.map(lambda _: owner.copy().get("/account"), range(20)))
    assert {response.status for response in responses} == {200}
    assert len({cookies(response)["remember_token"] for response in responses}) == 1
    login = row(app)
    assert login is not None
    assert login.previous_digest == digest(old), "one rotation"
    assert login.token_digest == digest(cookies(responses[0])["remember_token"])

    # Whichever response comes last, its cookies open every page and match the forms of every tab.
    owner.cookies |= cookies(responses[7])
    for response in responses[:5]:
        [form_token] = {
            field.get("value")
            for field in Page(response.text).all("input")
            if field.get("name") == "csrf_token"
        }
        sent = owner.post("/account", csrf_token=form_token, display_name="Alice")
        assert sent.status == 303
    clock.forward(minutes=2)
    assert owner.get("/account").status == 200


def cookies(response: Response) -> dict[str, str]:
    sent = SimpleCookie()
    for line in response.headers.get_all("Set-Cookie") or []:
        sent.load(line)
    return {name: morsel.value for name, morsel in sent.items()}
