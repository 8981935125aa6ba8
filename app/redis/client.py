"""The Redis client of this process."""

from typing import TYPE_CHECKING, cast

from flask import current_app

from app.application import Application
from app.lazy_modules import lazy_module

if TYPE_CHECKING:
    import redis as redis_package
else:
    redis_package = lazy_module("redis")  # 37 ms and 6 MB that a site without Redis does not need

# Seconds until a Redis that does not answer counts as down.
TIMEOUT = 2


def init_app(app: Application) -> None:
    """Create the client. It connects at its first use, in the process that uses it."""
    app.extensions["redis"] = redis_package.Redis.from_url(
        app.config["REDIS_URL"],
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        health_check_interval=30,
        # No retries: each would wait as long again.
        retry=None,
    )


def redis() -> "redis_package.Redis":
    return cast("redis_package.Redis", current_app.extensions["redis"])


def redis_error() -> type[Exception]:
    """Return the base class of the client's errors. `except` calls it only after an error."""
    return redis_package.RedisError
