"""Password hashes: Argon2id, one at a time, and compatible with Werkzeug."""

import subprocess
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from werkzeug.security import generate_password_hash

from app.users.hashing import (
    MAX_PASSWORD_LENGTH,
    UNKNOWN_USER_HASH,
    hash_password,
    needs_rehash,
    verify_password,
)
from tests.serving import ROOT, TIMEOUT

PASSWORD = "correct horse battery staple"
FORKED = """
import os, sys
from app.users.hashing import hash_password, verify_password
kept = hash_password("correct horse")
child = os.fork()
if child == 0:
    os._exit(7 if verify_password("correct horse", kept) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize(
    "kept", [hash_password(PASSWORD), UNKNOWN_USER_HASH], ids=["user", "unknown user"]
)
def test_a_hash_has_the_parameters_of_owasp(kept: str) -> None:
    made = extract_parameters(kept)
    assert made.type is Type.ID
    assert (made.memory_cost, made.time_cost, made.parallelism) == (19_456, 2, 1)
    assert (made.salt_len, made.hash_len) == (16, 32)
    assert not needs_rehash(kept)


def test_each_hash_has_its_own_salt() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_only_the_exact_password_matches() -> None:
    kept = hash_password(PASSWORD)
    assert verify_password(PASSWORD, kept)
    for wrong in ["", PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], kept]:
        assert not verify_password(wrong, kept)


def test_every_character_of_a_long_password_counts() -> None:
    long = "ü" * 128
    assert verify_password(long, hash_password(long))
    assert not verify_password(long[:-1] + "u", hash_password(long))


def test_a_password_over_the_limit_is_not_hashed() -> None:
    kept = hash_password("a" * MAX_PASSWORD_LENGTH)
    assert verify_password("a" * MAX_PASSWORD_LENGTH, kept)
    assert not verify_password("a" * (MAX_PASSWORD_LENGTH + 1), kept)
    with pytest.raises(ValueError, match="at most 128"):
        hash_password("a" * (MAX_PASSWORD_LENGTH + 1))


def test_a_password_in_another_normalization_form_matches() -> None:
    composed, decomposed = (
        "Zürich im März ist schön",
        unicodedata.normalize("NFD", "Zürich im März ist schön"),
    )
    assert composed != decomposed
    assert verify_password(decomposed, hash_password(composed))
    assert verify_password(composed, hash_password(decomposed))


def test_a_password_that_only_looks_alike_does_not_match() -> None:
    """NFKC would treat these as the same letters; NFC changes nothing visible."""
    assert not verify_password("ﬁve ﬁne ﬁshes ﬁlm", hash_password("five fine fishes film"))


@pytest.mark.parametrize("method", ["scrypt:32768:8:1", "pbkdf2:sha256:1000"])
def test_werkzeug_hashes_match_and_need_a_rehash(method: str) -> None:
    kept = generate_password_hash(PASSWORD, method)
    assert verify_password(PASSWORD, kept)
    assert not verify_password("wrong", kept)
    assert needs_rehash(kept)


def test_a_weaker_argon2_hash_matches_and_needs_a_rehash() -> None:
    kept = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    assert verify_password(PASSWORD, kept)
    assert needs_rehash(kept)


@pytest.mark.parametrize(
    "kept", [None, "", "!", "$argon2id$broken", "md5$salt$abc", "scrypt:x$salt$abc", "plain"]
)
def test_nothing_matches_an_invalid_hash(kept: str | None) -> None:
    for password in ["", "plain", PASSWORD]:
        assert not verify_password(password, kept)


def test_concurrent_sign_ins_use_the_memory_of_one_hash() -> None:
    with ThreadPoolExecutor(5) as threads:
        assert not any(threads.map(lambda _: verify_password(PASSWORD, None), range(5)))
    hashing = [thread for thread in threading.enumerate() if thread.name.startswith("hashing")]
    assert len(hashing) == 1


def test_a_forked_process_can_hash() -> None:
    """A fork does not copy the hashing thread, and waiting for it would never end."""
    begun = [sys.executable, "-W", "ignore", "-c", FORKED]
    assert subprocess.run(begun, cwd=ROOT, timeout=TIMEOUT).returncode == 7
