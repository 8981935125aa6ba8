"""What `flask doctor` and /readyz say about Redis."""

from collections.abc import Iterator

from app.application import Application
from app.checks import Finding, error, ok
from app.redis.client import redis, redis_error


def check_rate_limits(app: Application) -> Iterator[Finding]:
    yield ok("Rate limits are counted in Redis, for all processes together.")


def check_server(app: Application) -> Iterator[Finding]:
    try:
        redis().ping()
    except redis_error() as failure:
        reason = type(failure).__name__
        yield error(f"REDIS_URL names a server that cannot be reached ({reason}).", "redis")
    else:
        yield ok("Redis can be reached.")
