"""Which new passwords are accepted, and the messages for the others."""

import unicodedata
from collections.abc import Callable

import pytest

from app.application import Application
from app.users.password_policy import PasswordRefused, password_hint, require_good_password
from tests.conftest import create_user

ALICE = "alice.liddell@example.com"
FIFTEEN = "kx9!vr2#mq7$wt4"


def choose(app: Application, password: str) -> None:
    with app.test_request_context():
        require_good_password(password, ALICE)


def rejection(app: Application, password: str) -> str:
    with pytest.raises(PasswordRefused) as refused:
        choose(app, password)
    return str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        FIFTEEN,
        "äöü ñandú Żółw 漢字 🐢🐢",
        "alice likes seventeen quiet horses",
        "my princess never eats an onion",
        " spaces  at both ends ",
        "0" + FIFTEEN * 8 + "1234567",
    ],
)
def test_long_passwords_that_are_not_guessable_are_accepted(
    app: Application, password: str
) -> None:
    choose(app, password)


def test_a_password_one_character_too_short_is_rejected_with_its_length(app: Application) -> None:
    assert "at least 15 characters; this password has 14." in rejection(app, FIFTEEN[:-1])


def test_a_letter_counts_once_in_each_normalization_form(app: Application) -> None:
    in_pieces = unicodedata.normalize("NFD", "äöüñéèàçšžõåûîô")
    assert len(in_pieces) == 30
    choose(app, in_pieces)
    assert "this password has 14." in rejection(app, in_pieces[:-2])


def test_at_most_128_characters_are_accepted(app: Application) -> None:
    choose(app, (FIFTEEN * 9)[:128])
    assert "at most 128" in rejection(app, (FIFTEEN * 9)[:129])


@pytest.mark.parametrize(
    "password",
    [
        "sunshineprincess",
        "password1234567",
        "qwertyuiop1234567890",
        "ILoveYouILoveYou",
        "!!Football2026!",
    ],
)
def test_common_passwords_with_additions_are_rejected(app: Application, password: str) -> None:
    assert "too close to a common password" in rejection(app, password)


@pytest.mark.parametrize(
    "password",
    [
        ALICE,
        ALICE.upper(),
        "liddell-alice-1",
        "alice.liddell26",
        "AliceAliceAlice",
        "Wonderland Shop",
        "wonderlandshop123!",
        "shop.wonderland.example",
    ],
)
def test_the_users_email_and_the_name_of_the_site_are_rejected(
    make_app: Callable[..., Application], password: str
) -> None:
    app = make_app(APP_NAME="Wonderland Shop", BASE_URL="https://shop.wonderland.example")
    assert "your email address or the name of this site" in rejection(app, password)


@pytest.mark.parametrize(
    "password",
    [
        "zyzyzyzyzyzyzyzyzy",
        "ßßßßßßßßßßßßßßßßßß",
        "abcdefghijklmnop",
        "ponmlkjihgfedcba",
        "mnbvcxzlkjhgfdsa",
        "1q2w3e4r5t6y7u8i9o0p",
        "2345678!2345678!",
    ],
)
def test_patterns_are_rejected(app: Application, password: str) -> None:
    assert "a pattern" in rejection(app, password)


def test_the_minimum_length_is_a_setting(make_app: Callable[..., Application]) -> None:
    app = make_app(PASSWORD_MIN_LENGTH=8)
    choose(app, FIFTEEN[:8])
    assert "too close to a common password" in rejection(app, "sunshine")


def test_the_hint_states_the_minimum_length(make_app: Callable[..., Application]) -> None:
    with make_app(PASSWORD_MIN_LENGTH=12).test_request_context():
        assert "at least 12 characters" in password_hint()


@pytest.mark.parametrize(("command", "has_account"), [("create", False), ("set-password", True)])
def test_commands_reject_the_same_passwords(
    app: Application, database_url: str, command: str, has_account: bool
) -> None:
    if has_account:
        create_user(database_url, ALICE)
    args = ["users", command, ALICE, "--password", "alice.liddell26"]
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 1
    assert "Nothing was changed. This password is too close to your email address" in result.output
