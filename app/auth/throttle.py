"""Slow down guessing. The count is in the database, so it holds across workers and restarts.

Each try is counted before the password is looked at, so that of twenty at once no more are checked
than of twenty in a row. There are three counters (NIST SP 800-63B-4, 3.2.2; ASVS 5.0 6.3.1):

- one account from one network: the first tries are free, then each waits twice as long as the one
  before it. An attacker on one network does not delay the owner on another.
- one network over all accounts, likewise: it tries one password on many accounts no faster.
- one account over all networks: so many failures a day, and no more.

A device that its owner has signed in with before is counted by itself, whatever strangers do
(OWASP, Slow Down Online Guessing Attacks with Device Cookies), and a reset link clears all
counters of its account, so that the owner always has a way in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from flask import current_app

from app.auth.counting import CLEAR, CLEAR_ACCOUNT, TAKE_BACK, counting
from app.auth.models import LoginAttempts
from app.clock import now
from app.crypto.signing import keyed_digest
from app.database import db
from app.sessions.logins import setting
from app.unit_of_work import unit_of_work
from app.unit_of_work.batches import delete_in_batches
from app.users.models import User, normalize_email
from app.web.networks import network_of

# What can be guessed, each counted by itself.
PASSWORD = "password"  # noqa: S105  # nosec B105
SECOND_STEP = "second step"
# Doublings after which a delay has outgrown every limit; a number to the power of more overflows.
MAX_DOUBLINGS = 30
DAY = timedelta(days=1)


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
    # Whose counter it is; None for a network's.
    account: bytes | None = None
    # Whether no more tries than those are taken within a day, where others wait for the next.
    is_daily: bool = False
    # Whether it is the owner's own, so that success clears it.
    is_cleared: bool = False

    @property
    def begin(self) -> datetime:
        """Return since when its first try may have been, so that later ones count with it."""
        return now() - (DAY if self.is_daily else setting("LOGIN_ATTEMPTS_LIFETIME"))


def counters(email: str, *, address: str, device: str | None, at: str = PASSWORD) -> list[Counter]:
    """Return what a try counts towards: on a known `device` only that, else all three.

    An address that has no account is counted like any other, so the delays tell nobody which have.
    Each thing that can be guessed `at` is counted by itself: who knows a password and gives it
    right clears no guesses at the second factor.
    """
    email, network = normalize_email(email), network_of(address)
    account = _account(email, at)
    own = {"free": current_app.config["LOGIN_ATTEMPTS"], "account": account, "is_cleared": True}
    if device is not None:
        # A reset makes a browser known. Each of them with tries of its own would let the reader
        # of somebody's mails guess at the second factor as often as they reset the password.
        which = device if at == PASSWORD else "any"
        return [Counter(_key(at, "device", email, which), **own)]
    many: int = current_app.config["LOGIN_ATTEMPTS_PER_ADDRESS"]
    daily: int = current_app.config["LOGIN_FAILURES_PER_DAY"]
    return [
        Counter(_key(at, "pair", email, network), **own),
        Counter(_key(at, "network", network), many),
        Counter(_key(at, "account", email), daily, account, is_daily=True),
    ]


def count_attempt(counted: list[Counter]) -> None:
    """Count a try towards all of these, at once and for good. Raises TooManyAttempts.

    A single statement, which no other can come between. What is refused counts nowhere, so waiting
    as long as one was told is enough.
    """
    counted, delays = _in_order(counted), _delays()
    with unit_of_work():
        values = _values(counted, delays)
        taken = set(db.session.scalars(counting(len(counted), len(delays)), values))
        refused = [counter for counter in counted if counter.key not in taken]
        if refused:
            raise TooManyAttempts(max(_wait(counter) for counter in refused))


def forgive_attempts(counted: list[Counter]) -> None:
    """Take back what count_attempt() counted, as it was no guess; clear what is the owner's own.

    Only this one try is taken back from the network, and from all networks: a guesser with an
    account of their own could otherwise clear the rest by signing in to it, and an owner who signs
    in each hour would give a guesser as many more. The caller asks for the commit.
    """
    for counter in _in_order(counted):
        statement = CLEAR if counter.is_cleared else TAKE_BACK
        db.session.execute(statement, {"counter": counter.key})


def clear_attempts(user: User) -> None:
    """Forget all guesses at a password, from everywhere. The caller asks for the commit.

    For whoever has proved in another way to be the owner. Guesses at the second factor stay
    counted: reading the mails of an account does not prove it.
    """
    db.session.execute(CLEAR_ACCOUNT, {"account": _account(user.email, PASSWORD)})


def prune_attempts() -> int:
    """Forget tries that no longer count; return how many counters that were."""
    longest = max(DAY, setting("LOGIN_ATTEMPTS_LIFETIME"))
    return delete_in_batches(LoginAttempts, LoginAttempts.first_at <= now() - longest)


def _in_order(counted: list[Counter]) -> list[Counter]:
    """Return them as everybody locks them, so that no two wait for each other for ever."""
    return sorted(counted, key=lambda counter: counter.key)


def _values(counted: list[Counter], delays: list[timedelta]) -> dict[str, Any]:
    at = now()
    values: dict[str, Any] = {f"latest_{n}": at - delay for n, delay in enumerate(delays)}
    for n, counter in enumerate(counted):
        values |= {f"key_{n}": counter.key, f"account_{n}": counter.account}
        values |= {f"free_{n}": counter.free, f"begin_{n}": counter.begin}
    daily = [counter.key for counter in counted if counter.is_daily]
    return values | {"at": at, "daily": b"".join(daily)}


def _delays() -> list[timedelta]:
    """Return how long each try after the free ones has to wait; the last holds for the rest."""
    longest = setting("LOGIN_DELAY_LIMIT")
    doubled = (setting("LOGIN_DELAY") * 2**doublings for doublings in range(MAX_DOUBLINGS))
    return [*takewhile(lambda delay: delay < longest, doubled), longest]


def _wait(counter: Counter) -> timedelta:
    row = db.session.get_one(LoginAttempts, counter.key)
    begins_anew = row.first_at - counter.begin
    if counter.is_daily:
        return begins_anew
    over = max(0, row.tries - counter.free)
    return min(begins_anew, row.last_at + _delays()[: over + 1][-1] - now())


def _account(email: str, at: str) -> bytes:
    return _key(at, "all of an account", normalize_email(email))


def _key(*parts: str) -> bytes:
    return keyed_digest("login attempts", *parts)
