"""Keep a form that came too late, through the new sign-in and on to where it was going.

It travels in the page that asks for the sign-in, signed, and is stored nowhere. What was typed
into a password field is not kept: it must not stand in a page.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import request
from itsdangerous import BadData

from app.redirects import local_path
from app.signing import signer

PURPOSE = "interrupted form"
LIFETIME = timedelta(hours=1)
FIELD = "interrupted"


@dataclass
class Interrupted:
    path: str
    fields: list[tuple[str, str]]


def keep_form() -> str:
    """Return this request's form, signed, for the page that comes between."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"csrf_token", FIELD} and "password" not in name
    ]
    return signer(PURPOSE).dumps([request.full_path.rstrip("?"), fields])


def read_form(kept: str | None) -> Interrupted | None:
    """Return the form that keep_form() signed, or None if it is not one or is too old."""
    try:
        path, fields = signer(PURPOSE).loads(kept or "", max_age=int(LIFETIME.total_seconds()))
    except BadData:
        return None
    if local_path(path) is None:
        return None
    return Interrupted(path, [(name, value) for name, value in fields])
