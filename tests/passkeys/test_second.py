"""A passkey as the second factor, after the password."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.application import Application
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, visitor
from tests.passkeys.authenticator import ORIGIN, Authenticator
from tests.passkeys.conftest import (
    AS_JSON,
    copied,
    events,
    options,
    passkeys,
    send,
    store_passkey,
    use,
)

pytestmark = pytest.mark.usefixtures("alices_passkey")
SECOND = "/login/second/passkey"


@pytest.fixture
def after_password(client: Client, alices_passkey: None) -> Client:
    """A browser in which Alice's password was just given."""
    assert type_password(client).location == "/login/second"
    return client


def type_password(client: Client, **fields: str) -> TestResponse:
    return client.sign_in("alice@example.com", **fields)


def test_the_password_alone_no_longer_signs_in(after_password: Client) -> None:
    assert not after_password.is_signed_in
    assert "Use a passkey" in after_password.page("/login/second").text


def test_the_passkey_completes_the_sign_in(after_password: Client, phone: Authenticator) -> None:
    assert use(after_password, phone, SECOND).location == "/account"
    assert after_password.is_signed_in


def test_only_her_passkeys_are_accepted(after_password: Client, phone: Authenticator) -> None:
    assert len(options(after_password, SECOND)["allowCredentials"]) == 1


def test_the_next_page_and_remember_me_survive_the_passkey_step(
    client: Client, phone: Authenticator
) -> None:
    type_password(client, next="/devices", remember="y")
    assert use(client, phone, SECOND).location == "/devices"
    assert client.get_cookie("remember_token") is not None


def test_she_can_trust_the_device(after_password: Client, phone: Authenticator) -> None:
    use(after_password, phone, SECOND, trust="y")
    after_password.sign_out()
    assert type_password(after_password).location == "/account"


def test_a_passkey_completes_a_reauthentication_by_password(
    app: Application, as_alice: Client, phone: Authenticator, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert as_alice.submit("/prove", password=PASSWORD).location == "/login/second"
    assert as_alice.get("/account/delete").status_code == 303
    assert use(as_alice, phone, SECOND).status_code == 303
    assert as_alice.get("/account/delete").status_code == 200


def test_the_user_handle_is_optional_if_the_user_is_known(
    after_password: Client, phone: Authenticator
) -> None:
    phone.names_owner = False
    assert use(after_password, phone, SECOND).location == "/account"


# --- Refused responses ---------------------------------------------------------------------------


def refused(client: Client, credential: str) -> bool:
    response = send(client, credential, SECOND)
    says_so = "This passkey does not belong to your account" in response.text
    return response.status_code == 422 and says_so and not client.is_signed_in


def test_there_are_no_options_before_the_password(client: Client) -> None:
    assert client.get(SECOND, headers=AS_JSON).location == "/login/second"


def test_bobs_passkey_does_not_sign_in_as_alice(
    app: Application, bob: User, after_password: Client
) -> None:
    bobs = Authenticator()
    store_passkey(app, bob, bobs)
    received = {**options(after_password, SECOND), "allowCredentials": []}
    assert refused(after_password, bobs.use(received))


def test_a_response_works_once(
    app: Application, after_password: Client, phone: Authenticator
) -> None:
    fields = {"csrf_token": after_password.csrf_token("/login/second")}
    fields["credential"] = phone.use(options(after_password, SECOND))
    copy = copied(app, after_password)
    assert after_password.post(SECOND, data=fields).location == "/account"
    assert copy.post(SECOND, data=fields).location != "/account"
    assert not copy.is_signed_in


def test_a_sign_in_challenge_is_refused_at_the_second_step(
    after_password: Client, phone: Authenticator
) -> None:
    assert refused(after_password, phone.use(options(after_password, "/login/passkey")))


def test_a_response_from_another_browser_is_refused(
    app: Application, after_password: Client, phone: Authenticator
) -> None:
    elsewhere = visitor(app)
    type_password(elsewhere)
    options(elsewhere, SECOND)
    assert refused(elsewhere, phone.use(options(after_password, SECOND)))


def test_a_refused_passkey_is_recorded_as_a_failed_second_step(
    app: Application, alice: User, after_password: Client, phone: Authenticator
) -> None:
    phone.verifies = False
    assert refused(after_password, phone.use(options(after_password, SECOND)))
    assert refused(after_password, "nonsense")
    assert events(app, alice)[-2:] == ["second_factor.failed"] * 2


def test_a_password_change_voids_the_second_step(
    app: Application, alice: User, after_password: Client, phone: Authenticator
) -> None:
    credential = phone.use(options(after_password, SECOND))
    token = after_password.csrf_token("/login/second")
    with app.app_context(), unit_of_work():
        db.session.execute(update(User).values(password_hash="changed"))
    response = after_password.post(SECOND, data={"csrf_token": token, "credential": credential})
    assert response.location == "/login/second"
    assert not after_password.is_signed_in


def test_a_response_with_another_user_handle_is_refused(
    after_password: Client, phone: Authenticator
) -> None:
    phone.keys[0].user_handle = b"bob@example.com"
    assert refused(after_password, phone.use(options(after_password, SECOND)))


# --- Other parts ---------------------------------------------------------------------------------


def test_resetting_factors_removes_passkeys(app: Application, client: Client) -> None:
    run = app.test_cli_runner().invoke(args=["users", "reset-factors", "alice@example.com"])
    assert run.exit_code == 0
    assert passkeys(app) == []
    assert type_password(client).location == "/account"


def test_a_passkey_meets_require_second_factor(
    make_app: Callable[..., Application], bob: User
) -> None:
    app = make_app(BASE_URL=ORIGIN, REQUIRE_SECOND_FACTOR=True)
    as_bob = visitor(app)
    as_bob.sign_in(bob.email)
    assert as_bob.get("/account").location == "/two-factor"
    made = Authenticator().make(options(as_bob, "/passkeys/new"))
    assert as_bob.submit("/passkeys", name="Phone", credential=made).status_code == 303
    assert as_bob.get("/account").status_code == 200


def test_the_second_step_expires(
    after_password: Client, phone: Authenticator, clock: Clock
) -> None:
    lifetime: timedelta = after_password.application.config["SECOND_STEP_LIFETIME"]
    clock.forward(seconds=lifetime.total_seconds())
    assert after_password.get(SECOND, headers=AS_JSON).location == "/login/second"
