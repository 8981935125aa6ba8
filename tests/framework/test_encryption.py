"""An encrypted secret can be read only with its key, and only for its own row."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.crypto.encryption import DecryptionFailed, decrypt, encrypt
from tests.conftest import SETTINGS

MakeApp = Callable[..., Application]
NEW = "a new key for the tests, fedcba9876543210"


@pytest.fixture
def sealed(app: Application) -> bytes:
    with app.app_context():
        return encrypt(b"secret", about="Alice")


def test_a_secret_can_be_decrypted(app: Application, sealed: bytes) -> None:
    with app.app_context():
        assert decrypt(sealed, about="Alice") == (b"secret", False)


def test_a_secret_is_never_encrypted_the_same_way_twice(app: Application, sealed: bytes) -> None:
    with app.app_context():
        assert encrypt(b"secret", about="Alice") != sealed
    assert b"secret" not in sealed


def test_a_secret_cannot_be_moved_to_another_row(app: Application, sealed: bytes) -> None:
    with app.app_context(), pytest.raises(DecryptionFailed):
        decrypt(sealed, about="Bob")


@pytest.mark.parametrize("place", [0, 15, -1])
def test_a_changed_byte_is_detected(app: Application, sealed: bytes, place: int) -> None:
    changed = bytearray(sealed)
    changed[place] ^= 1
    with app.app_context(), pytest.raises(DecryptionFailed):
        decrypt(bytes(changed), about="Alice")


def test_a_former_key_decrypts_and_is_reported(make_app: MakeApp, sealed: bytes) -> None:
    rotated = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    with rotated.app_context():
        assert decrypt(sealed, about="Alice") == (b"secret", True)


def test_another_key_does_not(make_app: MakeApp, sealed: bytes) -> None:
    with make_app(SECRET_KEY=NEW).app_context(), pytest.raises(DecryptionFailed):
        decrypt(sealed, about="Alice")


def test_a_secret_encrypted_with_a_token_needs_the_same_token(app: Application) -> None:
    with app.app_context():
        sealed = encrypt(b"secret", about="Alice", token="hers")
        assert decrypt(sealed, about="Alice", token="hers") == (b"secret", False)
        for other in ("", "his"):
            with pytest.raises(DecryptionFailed):
                decrypt(sealed, about="Alice", token=other)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_a_value_that_is_too_short_is_undecipherable(app: Application, length: int) -> None:
    with app.app_context(), pytest.raises(DecryptionFailed):
        decrypt(b"x" * length, about="Alice")
