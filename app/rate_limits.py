"""How often somebody may do something, one visible line each.

    @rate_limit("10 per 3 minutes")

Counted in Redis where REDIS_URL is set, for all processes and machines together, and else in the
memory of each process. While Redis is away it is counted in memory: the site goes on, and the
limits with it. This keeps robots from wearing us out; what guards an account is in the database.
"""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import ParamSpec, cast

from flask import current_app, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from app.application import Application
from app.clock import now
from app.redis import redis_error

Args = ParamSpec("Args")
View = Callable[Args, ResponseReturnValue]


def client_address() -> str:
    return request.remote_addr or ""


class Limits:
    """The counters of one application."""

    def __init__(self, app: Application) -> None:
        url = app.config["REDIS_URL"]
        self.memory = MovingWindowRateLimiter(MemoryStorage())
        self.shared = self.memory
        if url:
            pool = app.extensions["redis"].connection_pool
            self.shared = MovingWindowRateLimiter(RedisStorage(url, connection_pool=pool))

    def wait_for(self, limit: RateLimitItem, *who: str) -> int:
        """Count one more, and return after how many seconds it would be allowed, or 0."""
        try:
            return wait_for(self.shared, limit, *who)
        except redis_error():
            current_app.logger.warning("Redis is away: rate limits are counted in memory")
            return wait_for(self.memory, limit, *who)


def init_app(app: Application) -> None:
    app.extensions["rate_limits"] = Limits(app)


def rate_limit(
    limit: str, *, by: Callable[[], str] = client_address, methods: frozenset[str] | None = None
) -> Callable[[View[Args]], View[Args]]:
    """Answer 429 with Retry-After to whoever asks for a view more often than that.

    `by` says who somebody is, by default their address. Only `methods` are counted, by default
    POST, so that looking at a form costs nobody a try.
    """
    item = parse(limit)

    def decorate(view: View[Args]) -> View[Args]:
        @wraps(view)
        def limited(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
            if request.method in (methods or {"POST"}):
                refuse_too_often(item, by())
            return view(*args, **kwargs)

        return limited

    return decorate


def refuse_too_often(limit: RateLimitItem, who: str) -> None:
    """Raise TooManyRequests if somebody has reached a limit of this endpoint."""
    if current_app.config["RATE_LIMITS_ENABLED"]:
        limits = cast(Limits, current_app.extensions["rate_limits"])
        seconds = limits.wait_for(limit, request.endpoint or "", who)
        if seconds:
            raise TooManyRequests(retry_after=seconds)


def wait_for(counter: MovingWindowRateLimiter, limit: RateLimitItem, *who: str) -> int:
    if counter.hit(limit, *who):
        return 0
    window = counter.get_window_stats(limit, *who)
    return max(1, ceil(window.reset_time - now().timestamp()))
