"""M1, S11, S12: a login that ended changes no factor, and a change ends what is older."""

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
from tests.races import (
    Rows,
    asks_to_sign_in,
    login_id,
    rows_of,
    send_and_end_in_between,
    send_while_it_ends,
)
from tests.simultaneous_requests import copy
from tests.two_factor.phones import (
    Phone,
    give_code,
    give_password,
    is_in,
    phone_of,
    secret_shown,
    set_up,
    sign_in,
    wait_for_a_new_code,
)

MakeApp = Callable[..., Application]
NEW = "a new key for the tests, fedcba9876543210"
# The browser of a thief, the form that it sends, and where to.
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


def proving_by_code(app: Application, user: User, clock: Clock) -> Sent:
    _, paper = phone_of(app, user)
    thief = signed_in(app, user)
    clock.forward(minutes=15)
    thief.submit("/prove", password=PASSWORD)
    form = thief.page("/login/second").fields_for("/login/second")
    return thief, "/login/second", form | {"code": paper[0]}


def button(browser: Client, path: str) -> Sent:
    return browser, path, {"csrf_token": browser.csrf_token("/account")}


def kept(app: Application) -> Rows:
    return rows_of(app, Authenticator, RecoveryCode, TrustedDevice)


@pytest.mark.parametrize(
    "prepare", [setting_up, turning_off, making_codes, ending_a_trust, proving_by_code]
)
def test_an_action_that_waited_while_its_login_was_ended_does_nothing(
    prepare: Prepare, app: Application, alice: User, clock: Clock
) -> None:
    thief, path, form = prepare(app, alice, clock)
    before = kept(app)
    assert asks_to_sign_in(send_while_it_ends(app, thief, alice, path, form))
    assert kept(app) == before
    assert not is_in(thief)


@pytest.mark.parametrize("prepare", [setting_up, making_codes])
def test_an_action_whose_login_was_ended_during_slow_work_does_nothing(
    prepare: Prepare, app: Application, alice: User, clock: Clock
) -> None:
    thief, path, form = prepare(app, alice, clock)
    before = kept(app)
    assert asks_to_sign_in(send_and_end_in_between(app, thief, alice, path, form))
    assert kept(app) == before


# --- S11: a change of a factor ends every copy of the cookies ------------------------------------


@pytest.fixture(
    params=[
        ("cookie", {}),
        ("cookie", {"remember": "y"}),
        ("redis", {}),
        ("redis", {"remember": "y"}),
    ],
    ids=["cookie", "cookie remembered", "redis", "redis remembered"],
)
def browser(
    make_app: MakeApp, alice: User, redis_url: str, request: pytest.FixtureRequest
) -> Client:
    """Alice's browser, with either store, once remembered and once not."""
    store, remember = request.param
    hers = visitor(make_app(SESSION_STORE=store, REDIS_URL=redis_url))
    assert give_password(hers, alice, **remember).status_code == 303
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
    assert is_in(browser)
    assert not is_in(copied)
    assert not is_in(elsewhere)
    copied.delete_cookie("session")
    assert not is_in(copied), "nor does the copied remember cookie resume it"


def test_s11_a_remembered_login_goes_on_after_a_change_by_its_remember_cookie(
    client: Client, alice: User
) -> None:
    give_password(client, alice, remember="y")
    set_up(client)
    client.delete_cookie("session")
    assert is_in(client)


# --- S12: what a login has begun ends with it ----------------------------------------------------


def session_of(browser: Client) -> dict[str, object]:
    with browser.session_transaction() as cookie:
        return dict(cookie)


def put_into(browser: Client, **values: object) -> None:
    with browser.session_transaction() as cookie:
        cookie.update(values)


def test_s12_an_offered_secret_is_void_once_its_login_was_ended(
    app: Application, client: Client, alice: User
) -> None:
    """Signing in empties the cookie session; here the offer is put back, as a thief would."""
    give_password(client, alice)
    phone = secret_shown(client.page("/two-factor"))
    offer = session_of(client)["offered_authenticator"]
    with app.app_context(), unit_of_work():
        end_login(db.session.get_one(LoginSession, login_id(app, client)))
    assert not is_in(client)
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


def test_an_offered_secret_lasts_while_its_login_is_proved_again(
    as_alice: Client, clock: Clock
) -> None:
    phone = secret_shown(as_alice.page("/two-factor"))
    clock.forward(minutes=15)
    as_alice.submit("/prove", password=PASSWORD)
    assert secret_shown(as_alice.page("/two-factor")).secret == phone.secret


def test_codes_that_wait_to_be_shown_are_shown_to_their_login_alone(
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
    app: Application, client: Client, alice: User, paper: list[str]
) -> None:
    """The cookie session is what a leaked former key would sign: the forger knows all of it."""
    with app.app_context(), unit_of_work():
        db.session.get_one(User, alice.id).password_hash = None
    mark = digest("second step after None").hex()[:16]
    client.get("/login")
    put_into(client, second_step=[[alice.id, mark, None, False, "/account"], 2**40])
    assert client.get("/login/second").location == "/login"
    token = client.csrf_token("/login")
    client.post("/login/second", data={"csrf_token": token, "code": paper[0]})
    assert not is_in(client)


def test_a_second_step_that_is_awaited_goes_on_when_the_key_changes(
    make_app: MakeApp, alice: User, phone: Phone
) -> None:
    before = visitor(make_app(SESSION_STORE="cookie"))
    give_password(before, alice)
    waiting = before.get_cookie("session")
    assert waiting is not None
    former = (SETTINGS["SECRET_KEY"],)
    after = visitor(make_app(SESSION_STORE="cookie", SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=former))
    after.set_cookie("session", waiting.value)
    assert give_code(after, phone.code()).status_code == 303


# --- HEAD shows nothing, so that it uses nothing up ----------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_codes_that_wait_to_be_shown_outlast_a_request_that_shows_nothing(
    as_alice: Client, method: str
) -> None:
    phone = secret_shown(as_alice.page("/two-factor"))
    as_alice.submit("/two-factor", code=phone.code())
    assert as_alice.open("/two-factor/recovery-codes", method=method).status_code == 200
    assert len(as_alice.page("/two-factor/recovery-codes").all("li")) >= 10
    assert as_alice.get("/two-factor/recovery-codes").location == "/two-factor"
