"""Turn passwords into hashes, and tell whether one fits.

Argon2id with the parameters OWASP gives for it (Password Storage Cheat Sheet): 19 MiB, two passes,
one lane. The library's own default is several times dearer and buys no one anything at sign-in.

A process hashes one password at a time, in one thread. A hash is all work and no waiting, and a
process has about one CPU (gunicorn.conf.py), so that several at once end no sooner. But each
thread that ever hashed keeps its 19 MiB: glibc gives such memory back once, and then no more.
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
# NFC takes time that grows with the square of the length, and no password is longer.
MAX_PASSWORD_LENGTH = 128

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)

# Checked when there is no account, so that a stranger waits as long as for a wrong password.
# The password it was made from was random and is gone.
UNKNOWN_USER_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$FkUc0RYUwwYUtqyURq90Pw$"
    "jw7jhuhjiHWZswOsyb87Eo8OhyO8IryIIHhGSprD7bo"
)


def hash_password(password: str) -> str:
    """Return the hash to keep. Raises ValueError for more than MAX_PASSWORD_LENGTH characters."""
    if len(password) > MAX_PASSWORD_LENGTH:
        raise ValueError(f"A password has at most {MAX_PASSWORD_LENGTH} characters.")
    return _in_turn(_hasher.hash, _normalize(password))


def verify_password(password: str, password_hash: str | None) -> bool:
    """Return whether the password fits, taking as long for an account that is not there.

    Accepts the hashes Werkzeug makes (scrypt, pbkdf2), so that people can be brought along. More
    than MAX_PASSWORD_LENGTH characters fit none, which is known at once and tells nothing.
    """
    if len(password) > MAX_PASSWORD_LENGTH:
        return False
    if password_hash is None or password_hash.startswith("$argon2"):
        return _verify_argon2(password, password_hash or UNKNOWN_USER_HASH)
    try:
        return _in_turn(check_password_hash, password_hash, password)
    except ValueError:  # Made in a way that nobody supports any more.
        return False


def needs_rehash(password_hash: str) -> bool:
    """Return whether the hash was made in another way than hash_password() makes them now."""
    try:
        return _hasher.check_needs_rehash(password_hash)
    except InvalidHashError:
        return True


def _verify_argon2(password: str, password_hash: str) -> bool:
    try:
        return _in_turn(_hasher.verify, password_hash, _normalize(password))
    except (VerificationError, InvalidHashError):
        return False


def _in_turn(function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
    return _thread(os.getpid()).submit(function, *args, **kwargs).result()


@lru_cache(maxsize=1)
def _thread(pid: int) -> ThreadPoolExecutor:
    """Return this process's own: after a fork the child has the parent's, without its thread."""
    return ThreadPoolExecutor(1, "hashing")


def _normalize(password: str) -> str:
    """Return the one form of what was typed: keyboards write the same letter in several ways.

    NIST SP 800-63B-4, 3.1.1.2, asks for NFC or NFKC; NFC changes nothing that can be seen.
    """
    return unicodedata.normalize("NFC", password)
