"""Throttle guessing of passwords, and of codes in further steps of a sign-in (A4).

Counters are rows in the database, so the limits hold across workers and restarts. An attempt is
counted before its password is checked, so twenty concurrent attempts get no further than twenty in
sequence. There are three counters (NIST SP 800-63B-4, 3.2.2; ASVS 5.0 6.3.1):

- one account from one network: the first attempts are free, then each delay is twice the previous
  one. An attacker on one network does not delay the account owner on another.
- one network over all accounts, likewise: trying one password on many accounts is no faster.
- one account over all networks: LOGIN_FAILURES_PER_DAY and no more.

A known device (OWASP: Slow Down Online Guessing Attacks with Device Cookies) is counted
separately, and a reset link clears the account's counters, so an attacker cannot lock the account
owner out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary, TextClause, bindparam, delete, select, text, update

from app.auth.models import LoginAttempts
from app.clock import UTCDateTime, now
from app.crypto.signing import keyed_digest
from app.database import db, table_of
from app.sessions.logins import setting
from app.unit_of_work import unit_of_work
from app.unit_of_work.batches import delete_in_batches
from app.users.models import User, normalize_email
from app.web.networks import network_of

# What is guessed. Each has its own counters.
PASSWORD = "password"  # noqa: S105  # nosec B105  # a kind of factor
SECOND_STEP = "second step"
# After so many doublings a delay exceeds every limit; larger powers would overflow.
MAX_DOUBLINGS = 30
DAY = timedelta(days=1)

# Text, because SQLAlchemy compiles INSERT … ON CONFLICT anew at each execution, which took a sixth
# of the time of a sign-in. Valid on SQLite and PostgreSQL.
COUNT = """
INSERT INTO login_attempts AS counted (key, account, attempts, first_at, last_at)
VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN counted.first_at <= {begin} THEN 1 ELSE counted.attempts + 1 END,
    first_at = CASE WHEN counted.first_at <= {begin} THEN :at ELSE counted.first_at END,
    last_at = :at
WHERE counted.first_at <= {begin}
    OR counted.attempts < {free}
    OR (counted.key <> :daily AND counted.last_at <= CASE counted.attempts - {free} {delays} END)
RETURNING key
"""

_attempts = table_of(LoginAttempts)
_is_counter = _attempts.c.key == bindparam("counter")
_CLEAR = delete(_attempts).where(_is_counter)
_DECREMENT = (
    update(_attempts)
    .where(_is_counter, _attempts.c.attempts > 0)
    .values(attempts=_attempts.c.attempts - 1)
)
# Locked in the order in which they are counted, to avoid a deadlock.
_of_account = (
    select(_attempts.c.key)
    .where(_attempts.c.account == bindparam("account"))
    .order_by(_attempts.c.key)
    .with_for_update()
)
_CLEAR_ACCOUNT = delete(_attempts).where(_attempts.c.key.in_(_of_account))


class TooManyAttempts(Exception):
    """The attempt came too soon and was not checked."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"too many attempts; try again in {wait}")
        self.wait = wait


@dataclass(frozen=True)
class Counter:
    """A row that counts attempts, and its limits."""

    key: bytes
    # Attempts without a delay.
    free: int
    # None for the counter of a network.
    account: bytes | None = None
    # Whether it refuses everything beyond `free` for a day, where others only delay.
    is_daily: bool = False
    # Whether a success clears it: it counts only what the account owner may have mistyped.
    is_cleared: bool = False

    @property
    def begin(self) -> datetime:
        """Return the time before which a first attempt no longer counts."""
        return now() - (DAY if self.is_daily else setting("LOGIN_ATTEMPTS_LIFETIME"))


def counters(email: str, *, address: str, device: str | None, at: str = PASSWORD) -> list[Counter]:
    """Return the counters of an attempt: one for a known `device`, else all three.

    `address` is the client's IP address. An email address without an account is counted like any
    other, so delays do not reveal which have one (A2). Each secret that is guessed `at` has its
    own counters: the right password clears no guesses in the second step.
    """
    email, network = normalize_email(email), network_of(address)
    account = _account_key(email, at)
    own = {"free": current_app.config["LOGIN_ATTEMPTS"], "account": account, "is_cleared": True}
    if device is not None:
        # A reset makes a browser a known device. With a counter for each of them, an attacker who
        # reads the user's email could get more guesses in the second step with each reset.
        which = device if at == PASSWORD else "any"
        return [Counter(_key(at, "device", email, which), **own)]
    per_network: int = current_app.config["LOGIN_ATTEMPTS_PER_ADDRESS"]
    per_day: int = current_app.config["LOGIN_FAILURES_PER_DAY"]
    return [
        Counter(_key(at, "pair", email, network), **own),
        Counter(_key(at, "network", network), per_network),
        Counter(_key(at, "account", email), per_day, account, is_daily=True),
    ]


def count_attempt(counted: list[Counter]) -> None:
    """Count an attempt in all these counters, and commit. Raises TooManyAttempts.

    One atomic statement. A refused attempt is counted nowhere, so waiting for the time given in
    Retry-After is enough.
    """
    counted, delays = _in_order(counted), _delays()
    with unit_of_work():
        values = _values(counted, delays)
        taken = set(db.session.scalars(_count_statement(len(counted), len(delays)), values))
        refused = [counter for counter in counted if counter.key not in taken]
        if refused:
            raise TooManyAttempts(max(_wait(counter) for counter in refused))


def reset_after_success(counted: list[Counter]) -> None:
    """Take back a counted attempt that succeeded, and clear the counters with `is_cleared`.

    The other counters go down by one only: otherwise an attacker could clear the network's counter
    by signing in to an account of their own, and each sign-in of the account owner would allow
    more guesses. The caller requests the commit.
    """
    for counter in _in_order(counted):
        statement = _CLEAR if counter.is_cleared else _DECREMENT
        db.session.execute(statement, {"counter": counter.key})


def clear_attempts(user: User) -> None:
    """Clear the account's counters for the password. The caller requests the commit.

    For a user who was authenticated in another way. Counters of the second step stay: access to
    the mailbox does not prove it.
    """
    db.session.execute(_CLEAR_ACCOUNT, {"account": _account_key(user.email, PASSWORD)})


def prune_attempts() -> int:
    """Delete counters that have expired, and return how many there were."""
    longest = max(DAY, setting("LOGIN_ATTEMPTS_LIFETIME"))
    return delete_in_batches(LoginAttempts, LoginAttempts.first_at <= now() - longest)


@cache
def _count_statement(counters: int, delays: int) -> TextClause:
    """Return the statement that counts an attempt and returns the keys that accepted it.

    Counter `key_0` accepts `free_0` attempts since `begin_0`. After these, an attempt is accepted
    if the last one was at `latest_0` or before, then at `latest_1`, and so on; the last of the
    `delays` applies to all further ones. The counter `daily` accepts none of them.
    """
    numbers = range(counters)
    latest = [f"latest_{number}" for number in range(delays)]
    whens = [f"WHEN {number} THEN :{name}" for number, name in enumerate(latest)]
    statement = COUNT.format(
        rows=", ".join(f"(:key_{n}, :account_{n}, 1, :at, :at)" for n in numbers),
        begin=_by_counter("begin", counters),
        free=_by_counter("free", counters),
        delays=" ".join([*whens, f"ELSE :{latest[-1]}"]),
    )
    times = ["at", *(f"begin_{n}" for n in numbers), *latest]
    digests = ["daily", *(f"{name}_{n}" for n in numbers for name in ("key", "account"))]
    return text(statement).bindparams(
        *(bindparam(name, type_=UTCDateTime) for name in times),
        *(bindparam(name, type_=LargeBinary) for name in digests),
    )


def _by_counter(name: str, counters: int) -> str:
    """Return SQL for the value of this parameter that belongs to the counter of the row."""
    whens = [f"WHEN :key_{number} THEN :{name}_{number}" for number in range(counters)]
    return f"CASE counted.key {' '.join(whens)} END"


def _in_order(counted: list[Counter]) -> list[Counter]:
    """Return the counters in the order in which all requests lock them, to avoid a deadlock."""
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
    """Return the delays before attempts beyond the free ones; the last applies to all further."""
    longest = setting("LOGIN_DELAY_LIMIT")
    doubled = (setting("LOGIN_DELAY") * 2**doublings for doublings in range(MAX_DOUBLINGS))
    return [*takewhile(lambda delay: delay < longest, doubled), longest]


def _wait(counter: Counter) -> timedelta:
    row = db.session.get_one(LoginAttempts, counter.key)
    until_expiry = row.first_at - counter.begin
    if counter.is_daily:
        return until_expiry
    excess = max(0, row.attempts - counter.free)
    return min(until_expiry, row.last_at + _delays()[: excess + 1][-1] - now())


def _account_key(email: str, at: str) -> bytes:
    return _key(at, "all of an account", normalize_email(email))


def _key(*parts: str) -> bytes:
    return keyed_digest("login attempts", *parts)
