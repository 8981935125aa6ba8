"""Style sheets, scripts and pictures: kept by browsers for a year, and sent compressed.

Their address carries a mark of their content, so that a changed file is another address and
nobody waits for a cache (RFC 8246). Only files are compressed here: a page holds secrets and what
somebody typed, and from the length of both together a stranger could guess (CVE-2013-3587).
"""

import gzip
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, current_app, request

from app.application import Application

KEPT_FOR = timedelta(days=365)
SHRINKS = {"text/css", "text/javascript", "image/svg+xml"}
FEW = 64  # files, of which the site has far fewer


def init_app(app: Application) -> None:
    app.url_defaults(mark_by_content)
    app.after_request(keep_and_compress)


def mark_by_content(endpoint: str, values: dict[str, Any]) -> None:
    """Add `v` to the address of a file: another content, another address."""
    if is_file(endpoint) and (path := find(endpoint, values["filename"])):
        values["v"] = mark(path, path.stat().st_mtime_ns)


def keep_and_compress(response: Response) -> Response:
    """Let a marked file be kept, and send it compressed to whoever can read it so."""
    if not is_file(request.endpoint or "") or response.status_code != 200:
        return response
    if "v" in request.args:
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = int(KEPT_FOR.total_seconds())
        response.cache_control.immutable = True
    if response.mimetype in SHRINKS:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            compress(response)
    return response


def compress(response: Response) -> None:
    path = find(request.endpoint or "", (request.view_args or {})["filename"])
    if path is None:
        return
    response.close()
    response.direct_passthrough = False
    response.set_data(compressed(path, path.stat().st_mtime_ns))
    response.content_encoding = "gzip"
    # The same file in other bytes (RFC 9110, 8.8.3.3).
    response.set_etag(response.get_etag()[0] or "", weak=True)


def is_file(endpoint: str) -> bool:
    return endpoint == "static" or endpoint.endswith(".static")


def find(endpoint: str, filename: str) -> Path | None:
    """Return the file behind an address, or None if there is none."""
    owner: Any = current_app
    if "." in endpoint:
        owner = current_app.blueprints[endpoint.rpartition(".")[0]]
    path = Path(owner.static_folder or "", filename)
    return path if path.is_file() else None


@lru_cache(FEW)
def mark(path: Path, changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


@lru_cache(FEW)
def compressed(path: Path, changed_at: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
