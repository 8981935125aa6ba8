"""SECRET_KEY can be changed, and users keep their second factors (S7)."""

from collections.abc import Callable

from app.application import Application
from app.users.models import User
from tests.conftest import SETTINGS, Clock, visitor
from tests.two_factor.phones import Phone, sign_in, wait_for_a_new_code

MakeApp = Callable[..., Application]
NEW = "a new key for the tests, fedcba9876543210"


def test_codes_work_with_the_former_key_as_fallback(
    make_app: MakeApp, alice: User, phone: Phone
) -> None:
    rotated = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    assert sign_in(visitor(rotated), alice, phone.code()).status_code == 303


def test_a_sign_in_encrypts_the_secret_under_the_current_key(
    make_app: MakeApp, alice: User, phone: Phone, clock: Clock
) -> None:
    rotated = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    sign_in(visitor(rotated), alice, phone.code())
    wait_for_a_new_code(clock)
    forgotten = make_app(SECRET_KEY=NEW)
    assert sign_in(visitor(forgotten), alice, phone.code()).status_code == 303


def test_recovery_codes_work_after_the_former_key_is_lost(
    make_app: MakeApp, alice: User, phone: Phone, recovery_codes: list[str]
) -> None:
    forgotten = make_app(SECRET_KEY=NEW)
    client = visitor(forgotten)
    assert sign_in(client, alice, phone.code()).status_code == 422
    assert client.submit("/login/second", code=recovery_codes[0]).status_code == 303


def test_an_operator_encrypts_all_secrets_under_the_current_key(
    make_app: MakeApp, alice: User, phone: Phone
) -> None:
    rotated = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    run = rotated.test_cli_runner().invoke
    assert "key: 1 secrets" in run(args=["users", "reencrypt-factors"]).output
    assert "key: 0 secrets" in run(args=["users", "reencrypt-factors"]).output
    forgotten = make_app(SECRET_KEY=NEW)
    assert sign_in(visitor(forgotten), alice, phone.code()).status_code == 303


def test_reencrypting_keeps_secrets_that_no_key_decrypts(
    make_app: MakeApp, phone: Phone, alice: User
) -> None:
    forgotten = make_app(SECRET_KEY=NEW)
    done = forgotten.test_cli_runner().invoke(args=["users", "reencrypt-factors"])
    assert "key: 0 secrets" in done.output
    again = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    assert sign_in(visitor(again), alice, phone.code()).status_code == 303
