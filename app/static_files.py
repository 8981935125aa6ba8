"""Style sheets, scripts and pictures: fetched once, kept for a year, compressed on the way.

Their addresses carry a digest of what is in them. A new release has new addresses, so that no
browser ever shows an old style sheet. Pages are not compressed: they hold secrets beside what a
stranger can have them echo, and the length would tell (BREACH).
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, current_app, request
from flask_compress import Compress
from flask_compress.flask_compress import DictCache

from app.application import Application, is_file

FOR_EVER = "public, max-age=31536000, immutable"
compress = Compress()


def init_app(app: Application) -> None:
    app.config["COMPRESS_MIMETYPES"] = ["text/css", "text/javascript", "image/svg+xml"]
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    # Compressed once a process, so that the time for the best there is may be spent.
    app.config["COMPRESS_BR_LEVEL"] = 11
    app.config["COMPRESS_LEVEL"] = 9
    app.config["COMPRESS_REGISTER"] = False
    app.config["COMPRESS_STREAMS"] = False
    app.config["COMPRESS_CACHE_BACKEND"] = None if app.debug else DictCache
    app.config["COMPRESS_CACHE_KEY"] = lambda request: request.path
    compress.init_app(app)
    app.url_defaults(add_digest)
    app.after_request(prepare_file)


def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    """Have url_for() add the digest to the address of a file."""
    if is_file(endpoint) and "filename" in values and "v" not in values:
        path = find_file(endpoint, values["filename"])
        if path is not None:
            values["v"] = digest(path, path.stat().st_mtime_ns if current_app.debug else 0)


def prepare_file(response: Response) -> Response:
    if not is_file(request.endpoint) or response.status_code not in {200, 304}:
        return response
    if request.args.get("v"):
        response.headers["Cache-Control"] = FOR_EVER
    if response.status_code == 200 and request.method == "GET":
        response.direct_passthrough = False
        response.make_sequence()
        compress.after_request(response)
    return response


def find_file(endpoint: str, filename: str) -> Path | None:
    """Return the file that an address of ours leads to, or None if there is none."""
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints[blueprint] if blueprint else current_app
    path = Path(owner.static_folder or "", filename)
    return path if path.is_file() else None


@lru_cache(maxsize=256)
def digest(path: Path, changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
