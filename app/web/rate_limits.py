"""How often a view may be asked for, one visible line each.

    @rate_limit("10 per minute; 60 per hour")

Counted for all processes together: in Redis where REDIS_URL is set, and else, or while Redis is
away, in the database. Nothing is kept in the memory of a process, which would grow with the number
of clients. This bounds what robots cost; what guards an account is app.auth.throttle.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, wraps
from math import ceil
from typing import Any, ParamSpec

from flask import current_app, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItem, parse_many
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Integer, LargeBinary, TextualSelect, bindparam, column, text
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import TooManyRequests

from app.application import Application
from app.clock import UTCDateTime, now
from app.crypto.signing import keyed_digest
from app.database import Model, db
from app.redis_client import redis_error
from app.unit_of_work import reading, unit_of_work
from app.unit_of_work.batches import delete_in_batches, pruning
from app.web.networks import network_of

Args = ParamSpec("Args")
View = Callable[Args, ResponseReturnValue]

COUNT = """
INSERT INTO rate_limit_windows AS counted (key, hits, ends_at)
VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN counted.ends_at <= :at THEN 1 ELSE counted.hits + 1 END,
    ends_at = CASE WHEN counted.ends_at <= :at THEN excluded.ends_at ELSE counted.ends_at END
RETURNING key, hits, ends_at
"""


class RateLimitWindow(Model):
    """How often one thing was done since its window began, with the first time.

    The key is a keyed digest, so that no list arises of who did what. The migration makes it
    UNLOGGED on PostgreSQL: counting waits for no disk, and starts anew after a crash.
    """

    __tablename__ = "rate_limit_windows"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    hits: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def init_app(app: Application) -> None:
    pruning.add(app, ("windows of rate limits", prune_windows))
    url = app.config["REDIS_URL"]
    if url:
        pool = app.extensions["redis"].connection_pool
        counter = MovingWindowRateLimiter(RedisStorage(url, connection_pool=pool))
        app.extensions["rate_limits"] = counter


def client_network() -> str:
    """Return the network of the client of this request: IPv6 by /64."""
    return network_of(request.remote_addr or "")


def rate_limit(
    limits: str, *, by: Callable[[], str] = client_network, methods: frozenset[str] | None = None
) -> Callable[[View[Args]], View[Args]]:
    """Answer 429 with Retry-After where a view is asked for more often than all `limits` allow.

    `by` names what is counted together, by default the client's network. Only `methods` are
    counted, by default POST, so that looking at a form costs no try. It counts in a unit of its
    own, before the view has changed anything.
    """
    items = parse_many(limits)

    def decorate(view: View[Args]) -> View[Args]:
        @wraps(view)
        def limited(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
            if request.method in (methods or {"POST"}):
                refuse_too_often(items, by)
            return view(*args, **kwargs)

        return limited

    return decorate


def refuse_too_often(limits: Sequence[RateLimitItem], by: Callable[[], str]) -> None:
    """Raise TooManyRequests if a limit of this endpoint is reached."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    with reading():  # Whoever is named by their login was looked up in this request's transaction.
        who = (request.endpoint or "", by())
    if "rate_limits" in current_app.extensions:
        try:
            return refuse_by_redis(limits, *who)
        except redis_error():
            current_app.logger.warning("Redis is away: rate limits are counted in the database")
    with unit_of_work():
        refuse_after(count_hit(limits, *who))


def refuse_by_redis(limits: Sequence[RateLimitItem], *who: str) -> None:
    """Raise TooManyRequests for the first limit that is reached; the shortest comes first."""
    counter: MovingWindowRateLimiter = current_app.extensions["rate_limits"]
    name = keyed_digest("rate limit", *who).hex()
    for limit in sorted(limits, key=RateLimitItem.get_expiry):
        if not counter.hit(limit, name):
            until = counter.get_window_stats(limit, name).reset_time
            refuse_after(timedelta(seconds=max(1, until - now().timestamp())))


def refuse_after(wait: timedelta) -> None:
    if wait:
        raise TooManyRequests(retry_after=ceil(wait.total_seconds()))


def count_hit(limits: Sequence[RateLimitItem], *who: str) -> timedelta:
    """Count one more, and return how long to wait if that is more than the limits allow.

    It is counted in the unit of work that is open, which the caller rolls back where what was
    refused shall not count.
    """
    at = now()
    windows = {keyed_digest("rate limit", str(limit), *who): limit for limit in limits}
    values: dict[str, Any] = {"at": at}
    # All lock in one order, so that no two wait for each other for ever.
    for number, (key, limit) in enumerate(sorted(windows.items())):
        ends_at = at + timedelta(seconds=limit.get_expiry())
        values |= {f"key_{number}": key, f"ends_at_{number}": ends_at}
    rows = db.session.execute(counting(len(windows)), values).all()
    over = [row.ends_at - at for row in rows if row.hits > windows[row.key].amount]
    return max(over, default=timedelta())


@cache
def counting(windows: int) -> TextualSelect:
    """Return what counts in so many windows, in one statement that no other can come between."""
    numbers = range(windows)
    rows = ", ".join(f"(:key_{n}, 1, :ends_at_{n})" for n in numbers)
    times = [
        bindparam(name, type_=UTCDateTime) for name in ("at", *(f"ends_at_{n}" for n in numbers))
    ]
    keys = [bindparam(f"key_{n}", type_=LargeBinary) for n in numbers]
    returned = column("key", LargeBinary), column("hits", Integer), column("ends_at", UTCDateTime)
    return text(COUNT.format(rows=rows)).bindparams(*times, *keys).columns(*returned)


def prune_windows() -> int:
    """Forget windows that have ended; return how many there were."""
    return delete_in_batches(RateLimitWindow, RateLimitWindow.ends_at <= now())
