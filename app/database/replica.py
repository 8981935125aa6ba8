"""Read from a replica of the database, if one is configured.

Only GET requests read from the replica. After a write, the same browser reads from the primary for
a while, because the replica may not have the change yet. A replica that is down or behind is not
used: one request per second checks it, and all others use the result. So a login session that was
ended on one device may still be seen on another for about a second.
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
# Seconds until the next check. After a failed one it is longer, because a check of a replica that
# does not answer takes time.
HEALTHY_LIFETIME = 1.0
UNHEALTHY_LIFETIME = 10.0
# Seconds that the replica may be behind.
BEHIND_LIMIT = 0.2

WRITTEN = text("SELECT pg_current_wal_lsn()::text")
HAS_READ = text("SELECT pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn)")


@dataclass
class Replica:
    """The state of the replica, as this process last checked it."""

    is_healthy: bool = False
    checked_until: float = 0.0
    check_lock: Lock = field(default_factory=Lock)

    def is_usable(self, primary: Engine, replica: Engine) -> bool:
        """Return whether to read from the replica. At most one request at a time checks it."""
        if monotonic() >= self.checked_until and self.check_lock.acquire(blocking=False):
            try:
                self.record_health(has_caught_up(primary, replica))
            finally:
                self.check_lock.release()
        if self.is_healthy and not can_be_reached(replica):
            self.record_health(False)
        return self.is_healthy

    def record_health(self, is_healthy: bool) -> None:
        if is_healthy != self.is_healthy:
            current_app.logger.warning("the replica is %s", "used" if is_healthy else "not used")
        self.is_healthy = is_healthy
        self.checked_until = monotonic() + (HEALTHY_LIFETIME if is_healthy else UNHEALTHY_LIFETIME)


def init_app(app: Application, engines: Mapping[str | None, Engine]) -> None:
    """Watch for commits. Called before any other part listens, so that none is missed."""
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
            and replica_state().is_usable(engines[primary], engines[REPLICA])
        )
    return g.reads_from_replica


def replica_state() -> Replica:
    return cast(Replica, current_app.extensions[REPLICA])


def has_just_written() -> bool:
    """Return whether this browser has just written. Reading the session adds `Vary: Cookie`."""
    return bool(g.cookie_session) and expiring.get(WROTE) is not None


def note_write(connection: Connection) -> None:
    """Record it in the environ, which units inside the request share, unlike `g`."""
    if has_request_context():
        request.environ[WROTE] = True


def remember_write(response: Response) -> Response:
    """Make this browser read from the primary until the replica has the change too."""
    if WROTE in request.environ and response.status_code < 400:
        expiring.put(WROTE, True, current_app.config["PRIMARY_READS_LIFETIME"])
    return response


def can_be_reached(replica: Engine) -> bool:
    """Return whether a connection works. It costs no round trip, and detects a lost one."""
    try:
        replica.connect().close()
    except PoolTimeout:
        return True
    except DBAPIError:
        return False
    return True


def has_caught_up(primary: Engine, replica: Engine) -> bool:
    """Return whether the replica has all that the primary has written up to now.

    Positions in the log are compared, because the age of the last change says nothing if there are
    no writes. If the primary is down, there are none, and any replica that answers will do.
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
