"""What is encrypted can be read with its key, about what it was about, and not otherwise."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.crypto.encryption import Undecipherable, decrypt, encrypt
from tests.conftest import SETTINGS

MakeApp = Callable[..., Application]
NEW = "a new key for the tests, fedcba9876543210"


@pytest.fixture
def sealed(app: Application) -> bytes:
    with app.app_context():
        return encrypt(b"secret", about="Alice")


def test_it_is_read_again(app: Application, sealed: bytes) -> None:
    with app.app_context():
        assert decrypt(sealed, about="Alice") == (b"secret", False)


def test_it_never_looks_the_same(app: Application, sealed: bytes) -> None:
    with app.app_context():
        assert encrypt(b"secret", about="Alice") != sealed
    assert b"secret" not in sealed


def test_it_cannot_be_passed_off_as_anothers(app: Application, sealed: bytes) -> None:
    with app.app_context(), pytest.raises(Undecipherable):
        decrypt(sealed, about="Bob")


@pytest.mark.parametrize("place", [0, 15, -1])
def test_a_changed_byte_is_noticed(app: Application, sealed: bytes, place: int) -> None:
    changed = bytearray(sealed)
    changed[place] ^= 1
    with app.app_context(), pytest.raises(Undecipherable):
        decrypt(bytes(changed), about="Alice")


def test_a_former_key_still_reads_it_and_says_so(make_app: MakeApp, sealed: bytes) -> None:
    rotated = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    with rotated.app_context():
        assert decrypt(sealed, about="Alice") == (b"secret", True)


def test_another_key_does_not(make_app: MakeApp, sealed: bytes) -> None:
    with make_app(SECRET_KEY=NEW).app_context(), pytest.raises(Undecipherable):
        decrypt(sealed, about="Alice")


def test_what_was_encrypted_with_a_token_needs_the_same_token(app: Application) -> None:
    with app.app_context():
        sealed = encrypt(b"secret", about="Alice", token="hers")
        assert decrypt(sealed, about="Alice", token="hers") == (b"secret", False)
        for other in ("", "his"):
            with pytest.raises(Undecipherable):
                decrypt(sealed, about="Alice", token=other)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_what_is_too_short_was_not_encrypted_here(app: Application, length: int) -> None:
    with app.app_context(), pytest.raises(Undecipherable):
        decrypt(b"x" * length, about="Alice")
