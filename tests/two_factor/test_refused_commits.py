"""R6: a failed commit leaves no factor half set up, and uses no code."""

from collections.abc import Callable

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.commit_failures import deferred_refusal
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.two_factor.phones import (
    Phone,
    give_code,
    give_password,
    secret_shown,
    sign_in,
)

Subjects = Callable[[], list[str]]


def post(client: Client, path: str) -> int:
    return client.post(path, data={"csrf_token": client.csrf_token("/account")}).status_code


def test_r6_a_failed_setup_turns_nothing_on_and_can_be_repeated(
    app: Application, alice: User, database_url: str, subjects: Subjects
) -> None:
    here, there = signed_in(app, alice), signed_in(app, alice)
    phone = secret_shown(here.page("/two-factor"))
    code = phone.code()
    with deferred_refusal(database_url, "authenticators"):
        response = here.submit("/two-factor", code=code)
    assert response.status_code == 409
    assert not subjects()
    assert "Off. Turn it on" in here.page("/account").text
    assert there.is_signed_in, "the other login goes on"
    assert secret_shown(here.page("/two-factor")).secret == phone.secret
    assert here.get("/two-factor/recovery-codes").location == "/two-factor", "no codes are shown"
    assert here.submit("/two-factor", code=code).status_code == 303


def test_r6_a_failed_sign_in_uses_no_code(
    client: Client, alice: User, phone: Phone, database_url: str
) -> None:
    give_password(client, alice, remember="y")
    code = phone.code()
    with deferred_refusal(database_url, "login_sessions"):
        assert give_code(client, code, trust="y").status_code == 409
    assert not client.is_signed_in
    for name in ("remember_token", "trusted_device", "known_device"):
        assert client.get_cookie(name) is None
    assert give_code(client, code).status_code == 303, "the step is still awaited"


def test_r6_a_failed_sign_in_uses_no_recovery_code_and_sends_no_email(
    client: Client, alice: User, recovery_codes: list[str], database_url: str, subjects: Subjects
) -> None:
    give_password(client, alice)
    before = subjects()
    with deferred_refusal(database_url, "recovery_codes"):
        assert give_code(client, recovery_codes[0]).status_code == 409
    assert (client.is_signed_in, subjects()) == (False, before)
    assert give_code(client, recovery_codes[0]).status_code == 303
    assert "9 recovery codes left" in client.page("/account").text


def test_r6_a_failed_commit_trusts_no_device_and_does_not_sign_in(
    client: Client, alice: User, phone: Phone, database_url: str
) -> None:
    give_password(client, alice)
    code = phone.code()
    with deferred_refusal(database_url, "trusted_devices"):
        assert give_code(client, code, trust="y").status_code == 409
    assert client.get_cookie("trusted_device") is None
    assert give_code(client, code, trust="y").status_code == 303
    assert client.get_cookie("trusted_device") is not None


def test_r6_a_failed_commit_does_not_sign_in_on_a_trusted_device(
    app: Application, alice: User, phone: Phone, database_url: str
) -> None:
    client = visitor(app)
    sign_in(client, alice, phone.code(), trust="y")
    post(client, "/logout")
    with deferred_refusal(database_url, "login_sessions"):
        assert give_password(client, alice).status_code == 409
    assert not client.is_signed_in
    assert give_password(client, alice).location == "/account"


def test_r6_a_failed_removal_keeps_the_authenticator(
    app: Application,
    client: Client,
    alice: User,
    phone: Phone,
    database_url: str,
    subjects: Subjects,
) -> None:
    as_alice = signed_in(app, alice)
    before = subjects()
    with deferred_refusal(database_url, "authenticators"):
        assert post(as_alice, "/two-factor/turn-off") == 409
    assert subjects() == before
    assert "Set up on" in as_alice.page("/two-factor").text
    assert "You have 10 recovery codes left." in as_alice.page("/two-factor").text
    assert give_password(client, alice).location == "/login/second"


def test_r6_failed_new_codes_keep_the_old_ones(
    app: Application,
    client: Client,
    alice: User,
    recovery_codes: list[str],
    database_url: str,
    clock: Clock,
) -> None:
    as_alice = signed_in(app, alice)
    clock.forward(seconds=10)
    with deferred_refusal(database_url, "recovery_codes"):
        assert post(as_alice, "/two-factor/recovery-codes") == 409
    assert as_alice.get("/two-factor/recovery-codes").location == "/two-factor"
    assert sign_in(client, alice, recovery_codes[0]).status_code == 303


def test_r6_a_failed_commit_does_not_reauthenticate(
    app: Application, alice: User, recovery_codes: list[str], database_url: str, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=15)
    client.submit("/prove", password=PASSWORD)
    with deferred_refusal(database_url, "recovery_codes"):
        assert give_code(client, recovery_codes[0]).status_code == 409
    assert client.get("/account/email").location == "/prove?next=/account/email"
    assert give_code(client, recovery_codes[0]).status_code == 303


def test_r6_a_failed_reset_by_an_operator_changes_nothing(
    app: Application, client: Client, alice: User, phone: Phone, database_url: str
) -> None:
    with deferred_refusal(database_url, "authenticators"):
        done = app.test_cli_runner().invoke(args=["users", "reset-factors", alice.email])
    assert done.exit_code != 0
    assert give_password(client, alice).location == "/login/second"
