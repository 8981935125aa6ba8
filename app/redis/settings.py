"""The settings of Redis; config.py reads them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from config import Rules, SettingRefused


class Settings:
    # redis://host:6379/0. Optional: rate limits and sessions can be stored in it.
    REDIS_URL: str = ""
    # Where flask.session is stored: "cookie" (signed) or "redis" (under a random id).
    SESSION_STORE: str = "cookie"

    RULES: ClassVar[Rules] = {
        "SESSION_STORE": ({"cookie", "redis"}.__contains__, "Use cookie or redis."),
    }


def refuse_missing_url(config: Mapping[str, Any]) -> None:
    """Raise SettingRefused if sessions are to be stored in a Redis that is not named."""
    if config["SESSION_STORE"] == "redis" and not config["REDIS_URL"]:
        raise SettingRefused(
            "SESSION_STORE is redis, but REDIS_URL is missing. "
            "Set it, for example to redis://127.0.0.1:6379/0."
        )
