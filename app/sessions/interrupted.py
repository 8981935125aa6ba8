"""Keep a form that came too late, through the new sign-in and on to where it was going.

It travels in the page that asks for the sign-in, signed, and is stored nowhere. What was typed
into a secret field (app/web/secret_fields.py) is not kept: it must not stand in a page.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import request
from itsdangerous import BadData
from wtforms import HiddenField
from wtforms.validators import Length

from app.clock import now
from app.crypto.signing import signer
from app.web.forms import typed_fields
from app.web.redirects import current_path, local_path

PURPOSE = "interrupted form"
LIFETIME = timedelta(days=1)
# Signed, it has to fit into one field of the next form (Flask's MAX_FORM_MEMORY_SIZE).
LONGEST = 480_000


def interrupted_field() -> HiddenField:
    """Return the field in which a kept form travels through the page that comes between."""
    return HiddenField(validators=[Length(max=LONGEST)])


@dataclass
class Interrupted:
    path: str
    # The view it was for, whose forms know what the fields are called.
    endpoint: str
    fields: list[tuple[str, str]]


def keep_form(person: int | None) -> str:
    """Return this request's form, signed, for the page that comes between; "" if it is too long.

    `person` is who typed it, and nobody else will be shown it; None if they were nobody yet.
    """
    until = int((now() + LIFETIME).timestamp())
    form = [current_path(), request.endpoint, typed_fields()]
    kept = signer(PURPOSE).dumps([*form, person, until])
    return kept if len(kept) <= LONGEST else ""


def read_form(kept: str | None, person: int) -> Interrupted | None:
    """Return the form that keep_form() signed, or None if it is not one, too old or another's."""
    if not kept:
        return None
    try:
        path, endpoint, fields, typed_by, until = signer(PURPOSE).loads(kept)
    except (BadData, ValueError):
        return None
    is_in_time = now().timestamp() < until
    if not is_in_time or typed_by not in {None, person} or local_path(path) is None:
        return None
    return Interrupted(path, endpoint, [(name, value) for name, value in fields])
