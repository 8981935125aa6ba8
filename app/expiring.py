"""Values in the cookie session that expire on their own.

A browser can keep a cookie for any time, so each value is stored with its own expiry.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import session as cookie

from app.clock import now


def put(name: str, value: Any, lifetime: timedelta) -> None:
    """Store a small JSON value for `lifetime`."""
    cookie[name] = [value, int((now() + lifetime).timestamp())]


def get(name: str, session: Mapping[str, Any] | None = None) -> Any:
    """Return the value, or None if it is missing, expired or malformed.

    `session` is the mapping to read (default: the cookie session).
    """
    match (cookie if session is None else session).get(name):
        case [value, int(end)] if end > now().timestamp():
            return value
    return None


def pop(name: str) -> Any:
    """Return the value as get() does, and remove it."""
    value = get(name)
    cookie.pop(name, None)
    return value
