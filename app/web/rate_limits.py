"""Rate limits of views.

    @rate_limit("10 per minute; 60 per hour")

Requests are counted for all processes together: by a server that a part has registered, else (and
while that server is down) in the database. Nothing is counted in the memory of a process, which
would grow with the number of clients. This limits the cost of bots; app/auth/throttle.py protects
accounts.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, wraps
from math import ceil
from typing import Any, ParamSpec

from flask import current_app, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItem, parse_many
from sqlalchemy import Integer, LargeBinary, TextualSelect, bindparam, column, text
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import TooManyRequests

from app.application import Application, ExtensionPoint
from app.clock import UTCDateTime, now
from app.crypto.signing import keyed_digest
from app.database import Model, db
from app.unit_of_work import reading, unit_of_work
from app.unit_of_work.batches import delete_in_batches, pruning
from app.web.networks import network_of

Args = ParamSpec("Args")
View = Callable[Args, ResponseReturnValue]
# Counts a request under some names, and returns how long to wait if the limits do not allow it, or
# None if its server is down.
Counter = Callable[[Sequence[RateLimitItem], Sequence[str]], timedelta | None]
# Counters that are used instead of the database.
counters: ExtensionPoint[Counter] = ExtensionPoint("rate_limit_counters")

COUNT = """
INSERT INTO rate_limit_windows AS counted (key, hits, ends_at)
VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN counted.ends_at <= :at THEN 1 ELSE counted.hits + 1 END,
    ends_at = CASE WHEN counted.ends_at <= :at THEN excluded.ends_at ELSE counted.ends_at END
RETURNING key, hits, ends_at
"""


class RateLimitWindow(Model):
    """The number of requests in a window, which begins with the first one.

    The key is a keyed digest, so the table does not reveal which user did what. The table is
    UNLOGGED on PostgreSQL: counting does not wait for the disk, and starts over after a crash.
    """

    __tablename__ = "rate_limit_windows"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    hits: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def init_app(app: Application) -> None:
    pruning.add(app, ("windows of rate limits", prune_windows))


def client_network() -> str:
    """Return the network of the client of this request: IPv6 by /64."""
    return network_of(request.remote_addr or "")


def rate_limit(
    limits: str, *, by: Callable[[], str] = client_network, methods: frozenset[str] | None = None
) -> Callable[[View[Args]], View[Args]]:
    """Respond with 429 and Retry-After if a view is requested more often than `limits` allow.

    `by` returns the name under which requests are counted, by default the client's network. Only
    `methods` are counted, by default POST, so that opening a form does not count. Counting has its
    own unit of work, before the view has changed anything.
    """
    items = parse_many(limits)

    def decorate(view: View[Args]) -> View[Args]:
        @wraps(view)
        def limited(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
            if request.method in (methods or {"POST"}):
                enforce_limits(items, by)
            return view(*args, **kwargs)

        return limited

    return decorate


def enforce_limits(limits: Sequence[RateLimitItem], by: Callable[[], str]) -> None:
    """Raise TooManyRequests if a limit of this endpoint is reached."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    with reading():  # `by` may load the user, and unit_of_work() needs a closed transaction.
        names = (request.endpoint or "", by())
    for count in counters.items():
        wait = count(limits, names)
        if wait is not None:
            return require_no_wait(wait)
    with unit_of_work():
        require_no_wait(count_hit(limits, *names))


def require_no_wait(wait: timedelta) -> None:
    if wait:
        raise TooManyRequests(retry_after=ceil(wait.total_seconds()))


def count_hit(limits: Sequence[RateLimitItem], *names: str) -> timedelta:
    """Count one more, and return how long to wait if the limits do not allow it.

    It is counted in the open unit of work, which the caller can roll back.
    """
    at = now()
    windows = {keyed_digest("rate limit", str(limit), *names): limit for limit in limits}
    values: dict[str, Any] = {"at": at}
    # Lock in the same order everywhere, so that there is no deadlock.
    for number, (key, limit) in enumerate(sorted(windows.items())):
        ends_at = at + timedelta(seconds=limit.get_expiry())
        values |= {f"key_{number}": key, f"ends_at_{number}": ends_at}
    rows = db.session.execute(count_statement(len(windows)), values).all()
    over = [row.ends_at - at for row in rows if row.hits > windows[row.key].amount]
    return max(over, default=timedelta())


@cache
def count_statement(windows: int) -> TextualSelect:
    """Return the statement that counts in this number of windows at once, atomically."""
    numbers = range(windows)
    rows = ", ".join(f"(:key_{n}, 1, :ends_at_{n})" for n in numbers)
    times = [
        bindparam(name, type_=UTCDateTime) for name in ("at", *(f"ends_at_{n}" for n in numbers))
    ]
    keys = [bindparam(f"key_{n}", type_=LargeBinary) for n in numbers]
    returned = column("key", LargeBinary), column("hits", Integer), column("ends_at", UTCDateTime)
    return text(COUNT.format(rows=rows)).bindparams(*times, *keys).columns(*returned)


def prune_windows() -> int:
    """Delete windows that have ended. Return how many there were."""
    return delete_in_batches(RateLimitWindow, RateLimitWindow.ends_at <= now())
