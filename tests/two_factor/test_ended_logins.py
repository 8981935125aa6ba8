"""M1, S11, S12: a login that ended changes no factor, and a change revokes older access."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.crypto.tokens import digest
from app.database import db
from app.sessions.logins import end_login
from app.sessions.models import LoginSession
from app.two_factor.models import Authenticator, RecoveryCode, TrustedDevice
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, SETTINGS, Clock, signed_in, visitor
from tests.login_kinds import LOGIN_KINDS
from tests.races import (
    Rows,
    login_id,
    requires_sign_in,
    rows_of,
    send_and_end_login_midway,
    send_while_login_ends,
)
from tests.simultaneous_requests import copy
from tests.two_factor.phones import (
    Phone,
    give_code,
    give_password,
    phone_of,
    secret_shown,
    set_up,
    sign_in,
    wait_for_a_new_code,
)

MakeApp = Callable[..., Application]
NEW = "a new key for the tests, fedcba9876543210"
# The browser of an attacker, the path, and the form that it sends.
Sent = tuple[Client, str, dict[str, str]]
Prepare = Callable[[Application, User, Clock], Sent]


def setting_up(app: Application, user: User, clock: Clock) -> Sent:
    thief = signed_in(app, user)
    page = thief.page("/two-factor")
    form = page.fields_for("/two-factor") | {"code": secret_shown(page).code()}
    return thief, "/two-factor", form


def turning_off(app: Application, user: User, clock: Clock) -> Sent:
    phone_of(app, user)
    return button(signed_in(app, user), "/two-factor/turn-off")


def making_codes(app: Application, user: User, clock: Clock) -> Sent:
    phone_of(app, user)
    clock.forward(seconds=10)
    return button(signed_in(app, user), "/two-factor/recovery-codes")


def ending_a_trust(app: Application, user: User, clock: Clock) -> Sent:
    phone, _ = phone_of(app, user)
    wait_for_a_new_code(clock)
    sign_in(visitor(app), user, phone.code(), trust="y")
    thief = signed_in(app, user)
    actions = [form.get("action") for form in thief.page("/devices").all("form")]
    [end] = [action for action in actions if "/trusted-devices/" in action]
    return button(thief, end)


def reauthenticating_by_code(app: Application, user: User, clock: Clock) -> Sent:
    _, recovery_codes = phone_of(app, user)
    thief = signed_in(app, user)
    clock.forward(minutes=15)
    thief.submit("/prove", password=PASSWORD)
    form = thief.page("/login/second").fields_for("/login/second")
    return thief, "/login/second", form | {"code": recovery_codes[0]}


def button(browser: Client, path: str) -> Sent:
    return browser, path, {"csrf_token": browser.csrf_token("/account")}


def kept(app: Application) -> Rows:
    return rows_of(app, Authenticator, RecoveryCode, TrustedDevice)


@pytest.mark.parametrize(
    "prepare", [setting_up, turning_off, making_codes, ending_a_trust, reauthenticating_by_code]
)
def test_an_action_that_waited_while_its_login_ended_changes_nothing(
    prepare: Prepare, app: Application, alice: User, clock: Clock
) -> None:
    thief, path, form = prepare(app, alice, clock)
    before = kept(app)
    assert requires_sign_in(send_while_login_ends(app, thief, alice, path, form))
    assert kept(app) == before
    assert not thief.is_signed_in


@pytest.mark.parametrize("prepare", [setting_up, making_codes])
def test_an_action_whose_login_ended_during_slow_work_changes_nothing(
    prepare: Prepare, app: Application, alice: User, clock: Clock
) -> None:
    thief, path, form = prepare(app, alice, clock)
    before = kept(app)
    assert requires_sign_in(send_and_end_login_midway(app, thief, alice, path, form))
    assert kept(app) == before


# --- S11: a change of a factor ends every copy of the cookies ------------------------------------


@pytest.fixture(params=LOGIN_KINDS)
def browser(make_app: MakeApp, alice: User, request: pytest.FixtureRequest) -> Client:
    """Alice's browser, once remembered and once not."""
    hers = visitor(make_app())
    assert give_password(hers, alice, **request.param).status_code == 303
    return hers


def press(browser: Client, path: str) -> int:
    return browser.post(path, data={"csrf_token": browser.csrf_token("/account")}).status_code


@pytest.mark.parametrize(
    "path", ["/two-factor", "/two-factor/turn-off", "/two-factor/recovery-codes"]
)
def test_s11_a_copy_of_the_cookies_is_anonymous_once_a_factor_has_changed(
    path: str, browser: Client, alice: User, clock: Clock
) -> None:
    if path != "/two-factor":
        set_up(browser)
        clock.forward(seconds=10)
    copied, elsewhere = copy(browser), signed_in(browser.application, alice)
    if path == "/two-factor":
        set_up(browser)
    else:
        assert press(browser, path) == 303
    assert browser.is_signed_in
    assert not copied.is_signed_in
    assert not elsewhere.is_signed_in
    copied.delete_cookie("session")
    assert not copied.is_signed_in, "nor does the copied remember cookie resume it"


def test_s11_a_login_is_resumed_by_its_new_remember_cookie(client: Client, alice: User) -> None:
    give_password(client, alice, remember="y")
    set_up(client)
    client.delete_cookie("session")
    assert client.is_signed_in


# --- S12: offers and challenges end with their login ---------------------------------------------


def session_of(browser: Client) -> dict[str, object]:
    with browser.session_transaction() as cookie:
        return dict(cookie)


def put_into(browser: Client, **values: object) -> None:
    with browser.session_transaction() as cookie:
        cookie.update(values)


def test_s12_an_offered_secret_is_void_once_its_login_was_ended(
    app: Application, client: Client, alice: User
) -> None:
    """Signing in empties the cookie session; the test restores the offer, as an attacker would."""
    give_password(client, alice)
    phone = secret_shown(client.page("/two-factor"))
    offer = session_of(client)["offered_authenticator"]
    with app.app_context(), unit_of_work():
        end_login(db.session.get_one(LoginSession, login_id(app, client)))
    assert not client.is_signed_in
    give_password(client, alice)
    put_into(client, offered_authenticator=offer)
    assert secret_shown(client.page("/two-factor")).secret != phone.secret
    put_into(client, offered_authenticator=offer)
    assert client.submit("/two-factor", code=phone.code()).status_code == 422


def test_s12_an_offered_secret_is_void_once_another_credential_has_changed(
    app: Application, as_alice: Client
) -> None:
    set_up(as_alice)
    press(as_alice, "/two-factor/turn-off")
    secret_shown(as_alice.page("/two-factor"))
    offer = session_of(as_alice)["offered_authenticator"]
    phone, _ = set_up(as_alice)
    press(as_alice, "/two-factor/turn-off")
    put_into(as_alice, offered_authenticator=offer)
    assert secret_shown(as_alice.page("/two-factor")).secret != phone.secret


def test_an_offered_secret_survives_reauthentication(as_alice: Client, clock: Clock) -> None:
    phone = secret_shown(as_alice.page("/two-factor"))
    clock.forward(minutes=15)
    as_alice.submit("/prove", password=PASSWORD)
    assert secret_shown(as_alice.page("/two-factor")).secret == phone.secret


def test_new_codes_are_displayed_only_in_the_login_that_made_them(
    app: Application, as_alice: Client, alice: User
) -> None:
    phone = secret_shown(as_alice.page("/two-factor"))
    as_alice.submit("/two-factor", code=phone.code())
    waiting = session_of(as_alice)["recovery_codes"]
    other = signed_in(app, alice)
    put_into(other, recovery_codes=waiting)
    assert other.get("/two-factor/recovery-codes").location == "/two-factor"


# --- A former secret key -------------------------------------------------------------------------


def test_a_former_key_forges_no_second_step_of_an_account_without_a_password(
    app: Application, client: Client, alice: User, recovery_codes: list[str]
) -> None:
    """An attacker with a leaked former key can sign any cookie session."""
    with app.app_context(), unit_of_work():
        db.session.get_one(User, alice.id).password_hash = None
    mark = digest("second step after None").hex()[:16]
    client.get("/login")
    put_into(client, second_step=[[alice.id, mark, None, False, "/account"], 2**40])
    assert client.get("/login/second").location == "/login"
    token = client.csrf_token("/login")
    client.post("/login/second", data={"csrf_token": token, "code": recovery_codes[0]})
    assert not client.is_signed_in


def test_a_pending_second_step_survives_a_change_of_the_key(
    make_app: MakeApp, alice: User, phone: Phone
) -> None:
    before = visitor(make_app())
    give_password(before, alice)
    waiting = before.get_cookie("session")
    assert waiting is not None
    former = (SETTINGS["SECRET_KEY"],)
    after = visitor(make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=former))
    after.set_cookie("session", waiting.value)
    assert give_code(after, phone.code()).status_code == 303


# --- HEAD requests -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_head_and_options_requests_do_not_use_up_the_display_of_new_codes(
    as_alice: Client, method: str
) -> None:
    phone = secret_shown(as_alice.page("/two-factor"))
    as_alice.submit("/two-factor", code=phone.code())
    assert as_alice.open("/two-factor/recovery-codes", method=method).status_code == 200
    assert len(as_alice.page("/two-factor/recovery-codes").all("li")) >= 10
    assert as_alice.get("/two-factor/recovery-codes").location == "/two-factor"
