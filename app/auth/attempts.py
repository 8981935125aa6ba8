"""Slow down guessing. The count is in the database, so it holds across workers and restarts.

Each try is counted before the password is looked at, so that of twenty at once no more are checked
than of twenty in a row. The first few are free, then each has to wait twice as long as the one
before it. Nothing is locked for good, because then anybody could lock anybody out; and a device
that its owner has signed in with before is counted by itself, whatever strangers do (OWASP, Slow
Down Online Guessing Attacks with Device Cookies; ASVS 5.0 6.3.1).
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import takewhile

from flask import current_app

from app.auth.counting import CLEAR, TAKE_BACK, counting
from app.auth.models import LoginAttempts
from app.batches import delete_in_batches
from app.clock import now
from app.database import db
from app.sessions.limits import setting
from app.unit_of_work import unit_of_work
from app.users.models import normalize_email

# Doublings after which a delay has outgrown every limit; a number to the power of more overflows.
DOUBLINGS = 30


class TooManyAttempts(Exception):
    """It is too soon to try again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"The next try is taken in {wait}.")
        self.wait = wait


@dataclass(frozen=True)
class Counter:
    """What is counted together."""

    key: bytes
    # How many tries come without delay.
    free: int
    # Whether it is about one account, so that its owner's success clears it.
    is_cleared: bool


def counters(
    email: str, *, address: str, device: str | None, at: str = "password"
) -> list[Counter]:
    """Return what a try counts towards: on a known `device` only that, else account and address.

    An address that has no account is counted like any other, so the delays tell nobody which have.
    Each thing that can be guessed `at` is counted by itself: who knows a password and gives it
    right clears no guesses at the second factor.
    """
    free: int = current_app.config["LOGIN_ATTEMPTS"]
    account = normalize_email(email)
    if device is not None:
        return [Counter(_key(at, "device", account, device), free, is_cleared=True)]
    many: int = current_app.config["LOGIN_ATTEMPTS_PER_ADDRESS"]
    return [
        Counter(_key(at, "account", account), free, is_cleared=True),
        Counter(_key(at, "address", _network(address)), many, is_cleared=False),
    ]


def count_attempt(counted: list[Counter]) -> None:
    """Count a try towards all of these, at once and for good. Raises TooManyAttempts.

    What is refused counts nowhere, so waiting as long as one was told is enough.
    """
    with unit_of_work():
        for counter in counted:
            _count(counter)


def forgive_attempts(counted: list[Counter]) -> None:
    """Take back what count_attempt() counted, as it was no guess; clear what is the owner's own.

    Only this one try is taken back from the address: a guesser with an account of their own could
    otherwise clear the rest by signing in to it. The caller asks for the commit.
    """
    for counter in counted:
        statement = CLEAR if counter.is_cleared else TAKE_BACK
        db.session.execute(statement, {"counter": counter.key})


def prune_attempts() -> int:
    """Forget tries that no longer count; return how many counters that were."""
    return delete_in_batches(LoginAttempts, LoginAttempts.first_at <= _begin_of_window())


def _count(counter: Counter) -> None:
    """Count one try in a single statement, which no other can come between."""
    at, delays = now(), _delays()
    values = {f"latest_{number}": at - delay for number, delay in enumerate(delays)}
    values |= {"at": at, "begin_of_window": _begin_of_window()}
    counted = {"counter": counter.key, "free": counter.free, **values}
    if db.session.execute(counting(len(delays)), counted).one_or_none() is None:
        raise TooManyAttempts(_wait(counter))


def _delays() -> list[timedelta]:
    """Return how long each try after the free ones has to wait; the last holds for the rest."""
    longest = setting("LOGIN_DELAY_LIMIT")
    doubled = (setting("LOGIN_DELAY") * 2**doublings for doublings in range(DOUBLINGS))
    return [*takewhile(lambda delay: delay < longest, doubled), longest]


def _wait(counter: Counter) -> timedelta:
    row = db.session.get_one(LoginAttempts, counter.key)
    over = max(0, row.tries - counter.free)
    return row.last_at + _delays()[: over + 1][-1] - now()


def _begin_of_window() -> datetime:
    return now() - setting("LOGIN_ATTEMPTS_LIFETIME")


def _key(*parts: str) -> bytes:
    """Return what is counted as a digest that only who has the secret key can connect to it."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(secret, "\0".join(["login attempts", *parts]).encode(), "sha256")


def _network(address: str) -> str:
    """Return whom an address stands for: with IPv6, everybody has a /64 to themselves."""
    try:
        client = ip_address(address)
    except ValueError:
        return address
    if isinstance(client, IPv6Address):
        return str(client.ipv4_mapped or ip_network((client, 64), strict=False))
    return str(client)
