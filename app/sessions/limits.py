"""How long a login lasts, in any case and when nobody uses it (NIST SP 800-63B-4, 2.2.3)."""

from datetime import timedelta

from flask import current_app


def lifetime(*, remembered: bool) -> timedelta:
    """Return how long a login lasts in any case."""
    return setting("REMEMBERED_LIFETIME" if remembered else "SESSION_LIFETIME")


def idle_limit(*, remembered: bool) -> timedelta:
    """Return how long a login may be left alone."""
    return setting("REMEMBERED_IDLE_LIMIT" if remembered else "SESSION_IDLE_LIMIT")


def setting(name: str) -> timedelta:
    duration: timedelta = current_app.config[name]
    return duration
