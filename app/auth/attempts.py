"""Slow down guessing. The count is in the database, so it holds across workers and restarts.

Each try is counted before the password is looked at, so that of twenty at once no more are checked
than of twenty in a row. The first few are free, then each has to wait twice as long as the one
before it. Nothing is locked for good, because then anybody could lock anybody out; and a device
that its owner has signed in with before is counted by itself, whatever strangers do (OWASP, Slow
Down Online Guessing Attacks with Device Cookies; ASVS 5.0 6.3.1).
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import current_app
from sqlalchemy import case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.auth.models import LoginAttempts
from app.batches import delete_in_batches
from app.clock import UTCDateTime, now
from app.database import db
from app.sessions.limits import setting
from app.unit_of_work import unit_of_work
from app.users.models import normalize_email

# Doublings after which a delay has outgrown every limit; a number to the power of more overflows.
DOUBLINGS = 30
INSERTS: dict[str, Callable[..., Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


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
        row = LoginAttempts.key == counter.key
        if counter.is_cleared:
            db.session.execute(delete(LoginAttempts).where(row))
        else:
            one_less = update(LoginAttempts).where(row, LoginAttempts.tries > 0)
            db.session.execute(one_less.values(tries=LoginAttempts.tries - 1))


def prune_attempts() -> int:
    """Forget tries that no longer count; return how many counters that were."""
    return delete_in_batches(LoginAttempts, LoginAttempts.first_at <= _begin_of_window())


def _count(counter: Counter) -> None:
    """Count one try in a single statement, which no other can come between."""
    at = literal(now(), UTCDateTime())
    is_over = LoginAttempts.first_at <= _begin_of_window()
    insert = INSERTS[db.session.get_bind().dialect.name](LoginAttempts)
    statement = insert.values(key=counter.key, tries=1, first_at=at, last_at=at)
    counted = statement.on_conflict_do_update(
        index_elements=[LoginAttempts.key],
        set_={
            "tries": case((is_over, 1), else_=LoginAttempts.tries + 1),
            "first_at": case((is_over, at), else_=LoginAttempts.first_at),
            "last_at": at,
        },
        where=or_(LoginAttempts.tries < counter.free, _has_waited(counter.free)),
    ).returning(LoginAttempts.tries)
    if db.session.execute(counted).one_or_none() is None:
        raise TooManyAttempts(_wait(counter))


def _has_waited(free: int) -> ColumnElement[bool]:
    """Say in SQL whether the last try is as long ago as their number asks for."""
    longest = setting("LOGIN_DELAY_LIMIT")
    waits = {tries: _delay(tries, free) for tries in range(free, free + DOUBLINGS)}
    latest = {
        tries: literal(now() - wait, UTCDateTime())
        for tries, wait in waits.items()
        if wait < longest
    }
    otherwise = literal(now() - longest, UTCDateTime())
    return LoginAttempts.last_at <= case(latest, value=LoginAttempts.tries, else_=otherwise)


def _delay(tries: int, free: int) -> timedelta:
    """Return how long the next try has to wait after `tries` of them."""
    if tries < free:
        return timedelta()
    doublings: int = 2 ** min(tries - free, DOUBLINGS)
    return min(setting("LOGIN_DELAY") * doublings, setting("LOGIN_DELAY_LIMIT"))


def _wait(counter: Counter) -> timedelta:
    row = db.session.get_one(LoginAttempts, counter.key)
    return row.last_at + _delay(row.tries, counter.free) - now()


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
