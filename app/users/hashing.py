"""Hash and verify passwords.

Argon2id with the parameters of OWASP (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
The default of the library takes several times as long, without a benefit at sign-in.

A process hashes one password at a time, in one thread. Hashing is CPU-bound, and a process has
about one CPU (gunicorn.conf.py), so hashing in parallel would not be faster. But each thread that
has hashed keeps its 19 MiB, because glibc does not return that memory.
"""

import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.security import check_password_hash

Args = ParamSpec("Args")
Result = TypeVar("Result")

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
# The time for NFC normalization grows with the square of the length.
MAX_PASSWORD_LENGTH = 128

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)

# Verified if there is no account, so that the response takes as long as for a wrong password. The
# password was random and is not stored.
UNKNOWN_USER_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$FkUc0RYUwwYUtqyURq90Pw$"
    "jw7jhuhjiHWZswOsyb87Eo8OhyO8IryIIHhGSprD7bo"
)


def hash_password(password: str) -> str:
    """Return the hash. Raises ValueError for more than MAX_PASSWORD_LENGTH characters."""
    if len(password) > MAX_PASSWORD_LENGTH:
        raise ValueError(f"A password has at most {MAX_PASSWORD_LENGTH} characters.")
    return _in_hashing_thread(_hasher.hash, _normalize(password))


def verify_password(password: str, password_hash: str | None) -> bool:
    """Return whether the password matches; takes as long if the hash is None (no account).

    Accepts hashes of Werkzeug (scrypt, pbkdf2), so that users can be imported. Passwords of more
    than MAX_PASSWORD_LENGTH characters are rejected immediately, which reveals nothing.
    """
    if len(password) > MAX_PASSWORD_LENGTH:
        return False
    if password_hash is None or password_hash.startswith("$argon2"):
        return _verify_argon2(password, password_hash or UNKNOWN_USER_HASH)
    try:
        return _in_hashing_thread(check_password_hash, password_hash, password)
    except ValueError:  # An unknown method.
        return False


def needs_rehash(password_hash: str) -> bool:
    """Return whether hash_password() would use another method or other parameters today."""
    try:
        return _hasher.check_needs_rehash(password_hash)
    except InvalidHashError:
        return True


def _verify_argon2(password: str, password_hash: str) -> bool:
    try:
        return _in_hashing_thread(_hasher.verify, password_hash, _normalize(password))
    except (VerificationError, InvalidHashError):
        return False


def _in_hashing_thread(
    function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs
) -> Result:
    return _hashing_thread(os.getpid()).submit(function, *args, **kwargs).result()


@lru_cache(maxsize=1)
def _hashing_thread(pid: int) -> ThreadPoolExecutor:
    """Return the thread of this process. A child inherits the executor, but not its thread."""
    return ThreadPoolExecutor(1, "hashing")


def _normalize(password: str) -> str:
    """Return the password in NFC: keyboards encode the same letter in different ways.

    NIST SP 800-63B-4, 3.1.1.2, requires NFC or NFKC. NFC changes nothing that is visible.
    """
    return unicodedata.normalize("NFC", password)
