"""Rate limits counted in Redis, with moving windows."""

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from app.application import Application
from app.clock import now
from app.crypto.signing import keyed_digest
from app.redis.client import redis_error


class RedisCounter:
    def __init__(self, app: Application) -> None:
        pool = app.extensions["redis"].connection_pool
        storage = RedisStorage(app.config["REDIS_URL"], connection_pool=pool)
        self.windows = MovingWindowRateLimiter(storage)

    def __call__(self, limits: Sequence[RateLimitItem], names: Sequence[str]) -> timedelta | None:
        """Count a request, and return how long to wait, or None if Redis is down."""
        try:
            return self.count(limits, keyed_digest("rate limit", *names).hex())
        except redis_error():
            current_app.logger.warning("Redis is down: rate limits are counted in the database")
            return None

    def count(self, limits: Sequence[RateLimitItem], name: str) -> timedelta:
        """Count in each window, the shortest first, up to the first that is full."""
        for limit in sorted(limits, key=RateLimitItem.get_expiry):
            if not self.windows.hit(limit, name):
                until = self.windows.get_window_stats(limit, name).reset_time
                return timedelta(seconds=max(1, until - now().timestamp()))
        return timedelta()
