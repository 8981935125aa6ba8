"""R6 over each step: where COMMIT is refused no factor is half on, and no code is burnt."""

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
    is_in,
    secret_shown,
    sign_in,
)

Subjects = Callable[[], list[str]]


def post(client: Client, path: str) -> int:
    return client.post(path, data={"csrf_token": client.csrf_token("/account")}).status_code


def test_r6_a_refused_set_up_leaves_everything_off_and_can_be_repeated(
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
    assert is_in(there), "the other login goes on"
    assert secret_shown(here.page("/two-factor")).secret == phone.secret
    assert here.get("/two-factor/recovery-codes").location == "/two-factor", "no codes are shown"
    assert here.submit("/two-factor", code=code).status_code == 303


def test_r6_a_refused_sign_in_burns_no_code_and_lets_nobody_in(
    client: Client, alice: User, phone: Phone, database_url: str
) -> None:
    give_password(client, alice, remember="y")
    code = phone.code()
    with deferred_refusal(database_url, "login_sessions"):
        assert give_code(client, code, trust="y").status_code == 409
    assert not is_in(client)
    for name in ("remember_token", "trusted_device", "known_device"):
        assert client.get_cookie(name) is None
    assert give_code(client, code).status_code == 303, "the step is still awaited"


def test_r6_a_refused_sign_in_burns_no_recovery_code_and_mails_nothing(
    client: Client, alice: User, paper: list[str], database_url: str, subjects: Subjects
) -> None:
    give_password(client, alice)
    before = subjects()
    with deferred_refusal(database_url, "recovery_codes"):
        assert give_code(client, paper[0]).status_code == 409
    assert (is_in(client), subjects()) == (False, before)
    assert give_code(client, paper[0]).status_code == 303
    assert "9 recovery codes left" in client.page("/account").text


def test_r6_a_refused_trust_trusts_nothing_and_lets_nobody_in(
    client: Client, alice: User, phone: Phone, database_url: str
) -> None:
    give_password(client, alice)
    code = phone.code()
    with deferred_refusal(database_url, "trusted_devices"):
        assert give_code(client, code, trust="y").status_code == 409
    assert client.get_cookie("trusted_device") is None
    assert give_code(client, code, trust="y").status_code == 303
    assert client.get_cookie("trusted_device") is not None


def test_r6_a_refused_sign_in_on_a_trusted_device_lets_nobody_in(
    app: Application, alice: User, phone: Phone, database_url: str
) -> None:
    client = visitor(app)
    sign_in(client, alice, phone.code(), trust="y")
    post(client, "/logout")
    with deferred_refusal(database_url, "login_sessions"):
        assert give_password(client, alice).status_code == 409
    assert not is_in(client)
    assert give_password(client, alice).location == "/account"


def test_r6_a_refused_turning_off_leaves_it_on(
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


def test_r6_refused_new_codes_leave_the_old_ones(
    app: Application,
    client: Client,
    alice: User,
    paper: list[str],
    database_url: str,
    clock: Clock,
) -> None:
    as_alice = signed_in(app, alice)
    clock.forward(seconds=10)
    with deferred_refusal(database_url, "recovery_codes"):
        assert post(as_alice, "/two-factor/recovery-codes") == 409
    assert as_alice.get("/two-factor/recovery-codes").location == "/two-factor"
    assert sign_in(client, alice, paper[0]).status_code == 303


def test_r6_a_refused_proof_proves_nothing(
    app: Application, alice: User, paper: list[str], database_url: str, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=15)
    client.submit("/prove", password=PASSWORD)
    with deferred_refusal(database_url, "recovery_codes"):
        assert give_code(client, paper[0]).status_code == 409
    assert client.get("/account/email").location == "/prove?next=/account/email"
    assert give_code(client, paper[0]).status_code == 303


def test_r6_a_refused_reset_by_an_operator_changes_nothing(
    app: Application, client: Client, alice: User, phone: Phone, database_url: str
) -> None:
    with deferred_refusal(database_url, "authenticators"):
        done = app.test_cli_runner().invoke(args=["users", "reset-factors", alice.email])
    assert done.exit_code != 0
    assert give_password(client, alice).location == "/login/second"
