"""What the URL of a list of staff says about the rows that it shows."""

from collections.abc import Collection
from typing import Any

from flask import request

# With these, an action leads back to the part of the list that it was taken in.
KEPT = ("state", "q", "after", "before")


def chosen(name: str, choices: Collection[str]) -> str | None:
    """Return a value of the query if it is one of the choices, else None."""
    value = request.args.get(name)
    return value if value in choices else None


def kept_query() -> dict[str, Any]:
    """Return the values of the query that the links and redirects of a list keep."""
    return {name: request.args[name] for name in KEPT if name in request.args}
