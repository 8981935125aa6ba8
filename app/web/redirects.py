"""Redirect targets that a client sends, such as `next`: only paths of this site are allowed."""

import re
from unicodedata import normalize
from urllib.parse import quote, unquote, urlencode

from flask import current_app, request
from wtforms import HiddenField

# Characters. No URL of the site is longer.
MAX_PATH_LENGTH = 2000
# How often a path is decoded until it no longer changes. Paths of this site are encoded once, and
# each round takes time.
MAX_DECODING_ROUNDS = 3
# Browsers read `\` as `/` and drop tabs and line breaks, so none of them is allowed.
FORBIDDEN = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")
END_OF_PATH = re.compile(r"[?#]")
SAFE_IN_PATH = "/:@!$&'()*+,;="
SAFE_IN_QUERY = SAFE_IN_PATH + "?%"


def local_path(target: str | None) -> str | None:
    """Return the target if it is a path on this site, else None (CWE-601, ASVS 5.0 3.7.2).

    The path must be percent-encoded, as current_path() and url_for() return it, so it is ASCII.
    """
    if (
        not target
        or len(target) > MAX_PATH_LENGTH
        or not target.isascii()
        or FORBIDDEN.search(target)
    ):
        return None
    # Not urlsplit(): for `///evil` it returns a path, where browsers see a host.
    path = END_OF_PATH.split(target, maxsplit=1)[0]
    return target if _is_local(path) else None


def next_field() -> HiddenField:
    """Return the hidden field `next` of a form, with a path on this site or None."""
    return HiddenField("", filters=[local_path])


def path_after_sign_in(requested: str | None) -> str:
    """Return the requested path if it is on this site, else PAGE_AFTER_SIGN_IN."""
    page: str = current_app.config["PAGE_AFTER_SIGN_IN"]
    return local_path(requested) or request.script_root + page


def current_path() -> str:
    """Return the path and query of this page, for a `next` that returns to it."""
    return _with_query(quote(request.query_string, safe=SAFE_IN_QUERY))


def path_with(**changes: str | None) -> str:
    """Return the path of this page with some values of its query replaced; None removes one."""
    kept = [(name, it) for name, it in request.args.items(multi=True) if name not in changes]
    return _with_query(urlencode([*kept, *((k, v) for k, v in changes.items() if v is not None)]))


def _with_query(query: str) -> str:
    path = quote(request.script_root + request.path, safe=SAFE_IN_PATH)
    return f"{path}?{query}" if query else path


def _is_local(path: str) -> bool:
    """Return whether a path contains no `//` and no `\\`, encoded or decoded.

    A proxy may decode it once more, and convert the slashes of other scripts to `/` (NFKC). A path
    that still changes after MAX_DECODING_ROUNDS was encoded to bypass a check.
    """
    for _ in range(MAX_DECODING_ROUNDS):
        folded = normalize("NFKC", path)
        if not folded.startswith("/") or "//" in folded or FORBIDDEN.search(folded):
            return False
        encoded, path = path, unquote(path)
        if path == encoded:
            return True
    return False
