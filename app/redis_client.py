"""The one Redis client of this process, if REDIS_URL is set. Its package is imported only then."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request
from werkzeug.exceptions import ServiceUnavailable

from app.application import Application, is_static_file

if TYPE_CHECKING:
    from redis import Redis

# Seconds until a Redis that does not answer counts as away.
TIMEOUT = 2


def init_app(app: Application) -> None:
    """Make the client; it connects when it is first used, in the process that uses it."""
    url = app.config["REDIS_URL"]
    if url:
        app.extensions["redis"] = import_module("redis").Redis.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            health_check_interval=30,
            # None at all: each would wait as long again, and again for its greeting.
            retry=None,
        )
    app.before_request(refuse_if_session_is_lost)


def redis() -> "Redis":
    return cast("Redis", current_app.extensions["redis"])


def redis_error() -> type[Exception]:
    """Return what everything that the client raises is; `except` asks once something is raised."""
    return cast(type[Exception], import_module("redis").RedisError)


def refuse_if_session_is_lost() -> None:
    """Answer 503 to whoever may be signed in while Redis is away; raises it for the handler.

    It comes before the forms are checked, whose tokens would all seem forged without the session.
    """
    if "session_is_lost" in g and not is_static_file(request.endpoint):
        raise ServiceUnavailable(retry_after=5)
