"""Values in the cookie session that die on their own.

The browser can keep a cookie for as long as it likes, so each value carries its own end.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import session as cookie

from app.clock import now


def put(name: str, value: Any, lifetime: timedelta) -> None:
    """Keep a small, simple value for `lifetime`; what JSON cannot say does not belong here."""
    cookie[name] = [value, int((now() + lifetime).timestamp())]


def get(name: str, kept_in: Mapping[str, Any] | None = None) -> Any:
    """Return the value, or None where there is none, it has expired or is not ours."""
    match (cookie if kept_in is None else kept_in).get(name):
        case [value, int(end)] if end > now().timestamp():
            return value
    return None


def pop(name: str) -> Any:
    """Return the value as get() does, and forget it."""
    value = get(name)
    cookie.pop(name, None)
    return value
