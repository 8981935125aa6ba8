"""Which migrations the code has, and which the database, read without Alembic.

Whoever serves asks no more than that, at the start and at each /readyz. Alembic would run every
file to tell, and is 45 ms of a start and 4 MB of a process (app/migrating.py).
"""

import re
from ast import literal_eval
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"
# `revision = "b"` and `down_revision = "a"`, or a tuple where two lines of migrations meet.
SAID = re.compile(r"^(revision|down_revision)\b[^=\n]*= *(\([^)]*\)|.+)$", re.MULTILINE)
Revisions = dict[str, set[str]]


def applied_revisions(connection: Connection) -> set[str]:
    """Return the newest ones the database has: none before the first, several at a branch."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


def known_revisions() -> Revisions:
    """Return those of the code, each with the ones it follows: none for the first, two merged."""
    said = [read(path) for path in VERSIONS.glob("*.py")]
    return {it["revision"]: as_set(it.get("down_revision")) for it in said if "revision" in it}


def newest(known: Revisions) -> set[str]:
    return known.keys() - set().union(*known.values())


def read(path: Path) -> dict[str, Any]:
    """Return what a migration says of itself, in two of the lines that Alembic writes into it."""
    return {name: literal_eval(value) for name, value in SAID.findall(path.read_text("utf-8"))}


def as_set(names: str | Iterable[str] | None) -> set[str]:
    return {names} if isinstance(names, str) else set(names or ())
