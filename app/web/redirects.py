"""Where somebody may be sent who brought the address along; judged here and nowhere else."""

import re
from unicodedata import normalize
from urllib.parse import quote, unquote

from flask import request

# No address of ours is longer, and one that is would not fit into a header.
LONGEST = 2000
# How often a path may be decoded before it no longer changes. Ours are encoded once, and each
# round of decoding and folding takes time.
ROUNDS = 3
# Browsers read `\` as `/` and drop tabs and line breaks, so that neither may appear at all.
NEVER = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")
END_OF_PATH = re.compile(r"[?#]")
PLAIN_IN_A_PATH = "/:@!$&'()*+,;="
PLAIN_IN_A_QUERY = PLAIN_IN_A_PATH + "?%"


def local_path(target: str | None) -> str | None:
    """Return the target if it is a path on this site, else None (CWE-601, ASVS 5.0 3.7.2).

    It is percent-encoded, as current_path() and url_for() write it: other letters than those of
    ASCII are never part of one.
    """
    if not target or len(target) > LONGEST or not target.isascii() or NEVER.search(target):
        return None
    # Not urlsplit(): it takes `///evil` for a path, and browsers take it for a host.
    path = END_OF_PATH.split(target, maxsplit=1)[0]
    return target if _stays_here(path) else None


def current_path() -> str:
    """Return the path of this page with its query, as a `next` that leads back to it."""
    path = quote(request.script_root + request.path, safe=PLAIN_IN_A_PATH)
    query = quote(request.query_string, safe=PLAIN_IN_A_QUERY)
    return f"{path}?{query}" if query else path


def _stays_here(path: str) -> bool:
    """Return whether a path has no `//` and no `\\` in it, encoded, decoded once and twice.

    Proxies decode once more, and some fold the slashes of other scripts into ours (NFKC). A path
    that still changes after that was encoded to get past a check like this one.
    """
    for _ in range(ROUNDS):
        folded = normalize("NFKC", path)
        if not folded.startswith("/") or "//" in folded or NEVER.search(folded):
            return False
        encoded, path = path, unquote(path)
        if path == encoded:
            return True
    return False
