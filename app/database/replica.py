"""Reading from a copy of the database, where nobody can tell that it is one.

A GET reads from the replica, and nothing else does. Whoever has just written reads from the
primary for a while, because the replica may not have heard of it yet. A replica that is away or
behind is passed over; how it is doing is looked at by one request a second, and all others believe
it. What was ended on one device (a login) may thus be seen on another for about a second more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep
from typing import cast

from flask import Response, current_app, has_request_context, request
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import expiring
from app.application import Application
from app.request_globals import g

REPLICA = "replica"
WROTE = "lockstep.wrote"
# Seconds for which a verdict is believed: a good one shortly, a bad one for longer, because asking
# a replica that does not answer takes its time.
GOOD_FOR = 1.0
BAD_FOR = 10.0
# Seconds it may be behind when it is looked at.
BEHIND_LIMIT = 0.2

WRITTEN = text("SELECT pg_current_wal_lsn()::text")
HAS_READ = text("SELECT pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn)")


@dataclass
class Replica:
    """What this process knows about the replica."""

    is_good: bool = False
    believed_until: float = 0.0
    looking: Lock = field(default_factory=Lock)

    def is_usable(self, primary: Engine, replica: Engine) -> bool:
        """Return whether to read there. At most one request at a time goes and looks."""
        if monotonic() >= self.believed_until and self.looking.acquire(blocking=False):
            try:
                self.believe(has_caught_up(primary, replica))
            finally:
                self.looking.release()
        if self.is_good and not can_be_reached(replica):
            self.believe(False)
        return self.is_good

    def believe(self, is_good: bool) -> None:
        if is_good != self.is_good:
            current_app.logger.warning("the replica is %s", "used" if is_good else "passed over")
        self.is_good = is_good
        self.believed_until = monotonic() + (GOOD_FOR if is_good else BAD_FOR)


def init_app(app: Application, engines: Mapping[str | None, Engine]) -> None:
    """Begin to watch who writes. First of all parts, so that it hears of every commit."""
    if REPLICA in engines:
        app.extensions[REPLICA] = Replica()
        app.after_request(remember_write)
        event.listen(engines[None], "commit", note_write)


def reads_from_replica(engines: Mapping[str | None, Engine], primary: str) -> bool:
    """Return whether this request reads from the replica; decided once, by its first query."""
    if REPLICA not in engines or not has_request_context():
        return False
    if g.reads_from_replica is None:
        g.reads_from_replica = (
            request.method in {"GET", "HEAD", "OPTIONS"}
            and not has_just_written()
            and known().is_usable(engines[primary], engines[REPLICA])
        )
    return g.reads_from_replica


def known() -> Replica:
    return cast(Replica, current_app.extensions[REPLICA])


def has_just_written() -> bool:
    """Look into the cookie session, where there is one; looking marks the page as its own."""
    return bool(g.cookie_session) and expiring.get(WROTE) is not None


def note_write(connection: Connection) -> None:
    """Note it with the request, which units of their own (a rotated token) share, unlike `g`."""
    if has_request_context():
        request.environ[WROTE] = True


def remember_write(response: Response) -> Response:
    """Have whoever wrote something read from the primary until the replica has it too."""
    if WROTE in request.environ and response.status_code < 400:
        expiring.put(WROTE, True, current_app.config["PRIMARY_READS_LIFETIME"])
    return response


def can_be_reached(replica: Engine) -> bool:
    """Take a connection and give it back: no round trip, and one that was lost is noticed."""
    try:
        replica.connect().close()
    except PoolTimeout:
        return True
    except DBAPIError:
        return False
    return True


def has_caught_up(primary: Engine, replica: Engine) -> bool:
    """Return whether the replica has what the primary has written up to now.

    By positions in the log: the age of what came last says nothing where nobody writes. Where the
    primary is away nothing new is written, and the replica is good for as long as it answers.
    """
    try:
        with replica.connect() as reading:
            try:
                with primary.connect() as asking:
                    written = asking.scalar(WRITTEN)
            except OperationalError:
                return True
            until = monotonic() + BEHIND_LIMIT
            while not reading.scalar(HAS_READ, {"written": written}):
                if monotonic() > until:
                    return False
                sleep(BEHIND_LIMIT / 10)
    except (DBAPIError, PoolTimeout):
        return False
    return True
