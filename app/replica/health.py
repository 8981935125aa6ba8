"""Whether the replica can be used: reachable, and not behind."""

from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep

from flask import current_app
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

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
    """The replica, and its state as this process last checked it."""

    engine: Engine
    primary: Engine
    is_healthy: bool = False
    checked_until: float = 0.0
    check_lock: Lock = field(default_factory=Lock)

    def is_usable(self) -> bool:
        """Return whether to read from the replica. At most one request at a time checks it."""
        if monotonic() >= self.checked_until and self.check_lock.acquire(blocking=False):
            try:
                self.record_health(has_caught_up(self.primary, self.engine))
            finally:
                self.check_lock.release()
        if self.is_healthy and not can_be_reached(self.engine):
            self.record_health(False)
        return self.is_healthy

    def record_health(self, is_healthy: bool) -> None:
        if is_healthy != self.is_healthy:
            current_app.logger.warning("the replica is %s", "used" if is_healthy else "not used")
        self.is_healthy = is_healthy
        self.checked_until = monotonic() + (HEALTHY_LIFETIME if is_healthy else UNHEALTHY_LIFETIME)


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
