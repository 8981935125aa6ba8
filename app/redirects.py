"""Where somebody may be sent who brought the address along; judged here and nowhere else."""

import re
from urllib.parse import unquote, urlsplit

from flask import request

# Browsers read `\` as `/` and drop tabs and line breaks, so that neither may appear at all.
NEVER_IN_A_PATH = re.compile(r"[\\\x00-\x20\x7f-\xa0]")


def local_path(target: str | None) -> str | None:
    """Return the target if it is a path on this site, else None (CWE-601, ASVS 5.0 3.7.2)."""
    if not target or NEVER_IN_A_PATH.search(target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not _stays_here(parts.path):
        return None
    return target


def current_path() -> str:
    """Return the path of this page with its query, as a `next` that leads back to it."""
    return request.full_path.rstrip("?")


def _stays_here(path: str) -> bool:
    """Return whether a path begins with exactly one slash, however often it is decoded."""
    for _ in range(3):
        if not path.startswith("/") or path.startswith("//") or NEVER_IN_A_PATH.search(path):
            return False
        path = unquote(path)
    return True
