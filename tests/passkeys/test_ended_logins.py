"""M1, S11, S12: a login that ended changes no passkey, and a change revokes older access."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.database import db
from app.passkeys.models import Passkey
from app.sessions.logins import end_login
from app.sessions.models import LoginSession
from app.two_factor.models import RecoveryCode
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.login_kinds import LOGIN_KINDS
from tests.passkeys.authenticator import ORIGIN, Authenticator
from tests.passkeys.conftest import add, options, passkeys, store_passkey, use
from tests.races import (
    Rows,
    login_id,
    requires_sign_in,
    rows_of,
    send_and_end_login_midway,
    send_while_login_ends,
)
from tests.simultaneous_requests import copy

MakeApp = Callable[..., Application]
# The path and the form that an attacker sends.
Sent = tuple[str, dict[str, str]]
Prepare = Callable[[Client, int, Authenticator], Sent]


def adding(thief: Client, first: int, phone: Authenticator) -> Sent:
    made = Authenticator().make(options(thief, "/passkeys/new"))
    return "/passkeys", {"name": "Mallory's", "credential": made}


def renaming(thief: Client, first: int, phone: Authenticator) -> Sent:
    return f"/passkeys/{first}", {"name": "Mallory's"}


def removing(thief: Client, first: int, phone: Authenticator) -> Sent:
    return f"/passkeys/{first}/remove", {}


def removing_the_password(thief: Client, first: int, phone: Authenticator) -> Sent:
    return "/passkeys/password/remove", {}


def reauthenticating(thief: Client, first: int, phone: Authenticator) -> Sent:
    return "/prove/passkey", {"credential": phone.use(options(thief, "/prove/passkey"))}


@pytest.fixture
def first(app: Application, alice: User, phone: Authenticator) -> int:
    """The id of the first of Alice's three passkeys."""
    for device in (phone, Authenticator(), Authenticator()):
        store_passkey(app, alice, device)
    return passkeys(app)[0].id


def kept(app: Application) -> Rows:
    return rows_of(app, Passkey, RecoveryCode, User)


@pytest.mark.parametrize(
    "prepare", [adding, renaming, removing, removing_the_password, reauthenticating]
)
def test_an_action_that_waited_while_its_login_ended_changes_nothing(
    prepare: Prepare, app: Application, alice: User, first: int, phone: Authenticator
) -> None:
    thief = signed_in(app, alice)
    path, typed = prepare(thief, first, phone)
    form = {"csrf_token": thief.csrf_token("/account"), **typed}
    before = kept(app)
    assert requires_sign_in(send_while_login_ends(app, thief, alice, path, form))
    assert kept(app) == before
    assert not thief.is_signed_in


def test_a_passkey_is_not_added_if_its_login_ends_meanwhile(app: Application, alice: User) -> None:
    thief = signed_in(app, alice)
    made = Authenticator().make(options(thief, "/passkeys/new"))
    form = thief.page("/passkeys").fields_for("/passkeys") | {"name": "x", "credential": made}
    assert requires_sign_in(send_and_end_login_midway(app, thief, alice, "/passkeys", form))
    assert passkeys(app) == []


# --- S11: a change ends every copy of the cookies ------------------------------------------------


@pytest.fixture(params=LOGIN_KINDS)
def browser(
    make_app: MakeApp,
    first: int,
    phone: Authenticator,
    request: pytest.FixtureRequest,
) -> Client:
    """Alice's browser, once remembered and once not."""
    hers = visitor(make_app(BASE_URL=ORIGIN))
    assert use(hers, phone, **request.param).status_code == 303
    return hers


@pytest.mark.parametrize("change", [adding, removing, removing_the_password])
def test_s11_a_copy_of_the_cookies_is_anonymous_once_a_passkey_or_the_password_is_changed(
    change: Prepare, browser: Client, first: int, phone: Authenticator
) -> None:
    path, typed = change(browser, first, phone)
    form = {"csrf_token": browser.csrf_token("/account"), **typed}
    copied = copy(browser)
    assert browser.post(path, data=form).status_code == 303
    assert browser.is_signed_in
    assert not copied.is_signed_in
    copied.delete_cookie("session")
    assert not copied.is_signed_in, "nor does the copied remember cookie resume it"


def test_s11_a_login_is_resumed_by_its_new_remember_cookie(
    client: Client, first: int, phone: Authenticator
) -> None:
    use(client, phone, remember="y")
    assert add(client, Authenticator()).status_code == 303
    client.delete_cookie("session")
    assert client.is_signed_in


def test_renaming_does_not_count_as_a_credential_change(
    app: Application, as_alice: Client, first: int
) -> None:
    copied = copy(as_alice)
    as_alice.submit(f"/passkeys/{first}", name="Old phone")
    assert copied.is_signed_in


# --- S12: a challenge ends with the login that requested it --------------------------------------


@pytest.mark.parametrize("path", ["/passkeys/new", "/prove/passkey"])
def test_s12_a_challenge_is_void_once_its_login_was_ended(
    path: str, app: Application, client: Client, alice: User, phone: Authenticator
) -> None:
    """Signing in empties the cookie session; the test restores its name, as an attacker would."""
    store_passkey(app, alice, phone)
    use(client, phone)
    received = options(client, path)
    with client.session_transaction() as cookie:
        named = cookie["passkey_browser"]
    with app.app_context(), unit_of_work():
        end_login(db.session.get_one(LoginSession, login_id(app, client)))
    assert not client.is_signed_in
    use(client, phone)
    with client.session_transaction() as cookie:
        cookie["passkey_browser"] = named
    credential = Authenticator().make(received) if path == "/passkeys/new" else phone.use(received)
    to = "/passkeys" if path == "/passkeys/new" else path
    form = {"csrf_token": client.csrf_token("/account"), "name": "x", "credential": credential}
    assert client.post(to, data=form).status_code == 422


def test_a_registration_challenge_survives_reauthentication(
    as_alice: Client, clock: Clock
) -> None:
    made = Authenticator().make(options(as_alice, "/passkeys/new"))
    as_alice.submit("/prove", password=PASSWORD)
    assert as_alice.submit("/passkeys", name="Phone", credential=made).status_code == 303
