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
    give,
    options,
    passkeys,
    send,
    use,
)

pytestmark = pytest.mark.usefixtures("alice_has_one")
SECOND = "/login/second/passkey"


@pytest.fixture
def half_in(client: Client, alice_has_one: None) -> Client:
    """A browser in which Alice's password was just given."""
    assert type_password(client).location == "/login/second"
    return client


def type_password(client: Client, **fields: str) -> TestResponse:
    return client.sign_in("alice@example.com", **fields)


def test_the_password_alone_does_not_sign_in_any_more(half_in: Client) -> None:
    assert not half_in.is_signed_in
    assert "Use a passkey" in half_in.page("/login/second").text


def test_alice_adds_her_passkey_and_is_in(half_in: Client, phone: Authenticator) -> None:
    assert use(half_in, phone, SECOND).location == "/account"
    assert half_in.is_signed_in


def test_only_her_passkeys_are_asked_for(half_in: Client, phone: Authenticator) -> None:
    assert len(options(half_in, SECOND)["allowCredentials"]) == 1


def test_the_next_page_and_remember_me_survive_the_passkey_step(
    client: Client, phone: Authenticator
) -> None:
    type_password(client, next="/devices", remember="y")
    assert use(client, phone, SECOND).location == "/devices"
    assert client.get_cookie("remember_token") is not None


def test_she_may_trust_the_device_for_the_next_time(half_in: Client, phone: Authenticator) -> None:
    use(half_in, phone, SECOND, trust="y")
    half_in.sign_out()
    assert type_password(half_in).location == "/account"


def test_a_passkey_completes_a_reauthentication_by_password(
    app: Application, as_alice: Client, phone: Authenticator, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert as_alice.submit("/prove", password=PASSWORD).location == "/login/second"
    assert as_alice.get("/account/delete").status_code == 303
    assert use(as_alice, phone, SECOND).status_code == 303
    assert as_alice.get("/account/delete").status_code == 200


def test_the_user_handle_is_optional_if_the_user_is_known(
    half_in: Client, phone: Authenticator
) -> None:
    phone.names_owner = False
    assert use(half_in, phone, SECOND).location == "/account"


# --- What opens nothing --------------------------------------------------------------------------


def refused(client: Client, answer: str) -> bool:
    response = send(client, answer, SECOND)
    says_so = "This passkey does not belong to your account" in response.text
    return response.status_code == 422 and says_so and not client.is_signed_in


def test_there_are_no_options_before_the_password(client: Client) -> None:
    assert client.get(SECOND, headers=AS_JSON).location == "/login/second"


def test_bobs_passkey_does_not_sign_in_as_alice(
    app: Application, bob: User, half_in: Client
) -> None:
    bobs = Authenticator()
    give(app, bob, bobs)
    asked = {**options(half_in, SECOND), "allowCredentials": []}
    assert refused(half_in, bobs.use(asked))


def test_a_response_works_once(app: Application, half_in: Client, phone: Authenticator) -> None:
    fields = {"csrf_token": half_in.csrf_token("/login/second")}
    fields["credential"] = phone.use(options(half_in, SECOND))
    copy = copied(app, half_in)
    assert half_in.post(SECOND, data=fields).location == "/account"
    assert copy.post(SECOND, data=fields).location != "/account"
    assert not copy.is_signed_in


def test_a_challenge_for_signing_in_is_none_for_the_second_step(
    half_in: Client, phone: Authenticator
) -> None:
    assert refused(half_in, phone.use(options(half_in, "/login/passkey")))


def test_a_response_from_another_browser_is_refused(
    app: Application, half_in: Client, phone: Authenticator
) -> None:
    elsewhere = visitor(app)
    type_password(elsewhere)
    options(elsewhere, SECOND)
    assert refused(elsewhere, phone.use(options(half_in, SECOND)))


def test_a_refused_passkey_is_recorded_as_a_failed_second_step(
    app: Application, alice: User, half_in: Client, phone: Authenticator
) -> None:
    phone.verifies = False
    assert refused(half_in, phone.use(options(half_in, SECOND)))
    assert refused(half_in, "nonsense")
    assert events(app, alice)[-2:] == ["second_factor.failed"] * 2


def test_a_password_that_was_changed_meanwhile_ends_the_wait(
    app: Application, alice: User, half_in: Client, phone: Authenticator
) -> None:
    answer = phone.use(options(half_in, SECOND))
    token = half_in.csrf_token("/login/second")
    with app.app_context(), unit_of_work():
        db.session.execute(update(User).values(password_hash="changed"))
    response = half_in.post(SECOND, data={"csrf_token": token, "credential": answer})
    assert response.location == "/login/second"
    assert not half_in.is_signed_in


def test_a_response_with_another_user_handle_is_refused(
    half_in: Client, phone: Authenticator
) -> None:
    phone.keys[0].user_handle = b"bob@example.com"
    assert refused(half_in, phone.use(options(half_in, SECOND)))


# --- Others of the same kind ---------------------------------------------------------------------


def test_resetting_factors_removes_passkeys(app: Application, client: Client) -> None:
    run = app.test_cli_runner().invoke(args=["users", "reset-factors", "alice@example.com"])
    assert run.exit_code == 0
    assert passkeys(app) == []
    assert type_password(client).location == "/account"


def test_where_everybody_needs_a_second_factor_a_passkey_is_one(
    make_app: Callable[..., Application], bob: User
) -> None:
    app = make_app(BASE_URL=ORIGIN, REQUIRE_SECOND_FACTOR=True)
    as_bob = visitor(app)
    as_bob.sign_in(bob.email)
    assert as_bob.get("/account").location == "/two-factor"
    made = Authenticator().make(options(as_bob, "/passkeys/new"))
    assert as_bob.submit("/passkeys", name="Phone", credential=made).status_code == 303
    assert as_bob.get("/account").status_code == 200


def test_waiting_for_it_has_an_end(half_in: Client, phone: Authenticator, clock: Clock) -> None:
    lifetime: timedelta = half_in.application.config["SECOND_STEP_LIFETIME"]
    clock.forward(seconds=lifetime.total_seconds())
    assert half_in.get(SECOND, headers=AS_JSON).location == "/login/second"
