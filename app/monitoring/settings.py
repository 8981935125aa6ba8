"""The setting of monitoring; config.py reads it."""

from typing import ClassVar

from config import Rules


class Settings:
    # The bearer token for /metrics. Without it, /metrics is disabled.
    METRICS_TOKEN: str = ""

    RULES: ClassVar[Rules] = {
        "METRICS_TOKEN": (
            lambda token: not token or len(token) >= 16,
            "Use at least 16 characters, so that it cannot be guessed.",
        ),
    }
