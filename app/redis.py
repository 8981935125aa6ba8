"""The one Redis client of this process, if REDIS_URL is set."""

from typing import cast

from flask import current_app
from redis import Redis

from app.application import Application

# Seconds until a Redis that does not answer counts as away.
TIMEOUT = 2


def init_app(app: Application) -> None:
    """Make the client; it connects when it is first used, in the process that uses it."""
    url = app.config["REDIS_URL"]
    if url:
        app.extensions["redis"] = Redis.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, health_check_interval=30
        )


def redis() -> Redis:
    return cast(Redis, current_app.extensions["redis"])
