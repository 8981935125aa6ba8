"""Static files: compressed, and cached by browsers for a year.

Their URLs contain a digest of their content, so a new release has new URLs. Pages are not
compressed: they contain secrets next to input that an attacker can choose, and the compressed
length would reveal them (BREACH).
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from posixpath import normpath
from typing import Any

from flask import Request, Response, abort, current_app, request
from flask_compress import Compress
from flask_compress.flask_compress import DictCache

from app.application import Application, is_static_file

IMMUTABLE = "public, max-age=31536000, immutable"
# Of the static files of a package, only these are served. Add others here, such as
# js/bootstrap.min.js.
SERVED = {"bootstrap.static": frozenset({"css/bootstrap.min.css"})}
compress = Compress()


def init_app(app: Application) -> None:
    app.config["COMPRESS_MIMETYPES"] = ["text/css", "text/javascript", "image/svg+xml"]
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    # The highest levels: each file is compressed once per process. The cache grows with the number
    # of files, and not with requests.
    app.config["COMPRESS_BR_LEVEL"] = 11
    app.config["COMPRESS_LEVEL"] = 9
    app.config["COMPRESS_REGISTER"] = False
    app.config["COMPRESS_STREAMS"] = False
    app.config["COMPRESS_CACHE_BACKEND"] = None if app.debug else DictCache
    app.config["COMPRESS_CACHE_KEY"] = compression_cache_key
    compress.init_app(app)
    app.url_defaults(add_digest)
    app.after_request(cache_and_compress)


def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    """Add the digest to the URL that url_for() returns for a file.

    Raises LookupError for a file of a package that exists and is not served.
    """
    if is_static_file(endpoint) and "filename" in values and "v" not in values:
        path = find_file(endpoint, values["filename"])
        if path is None:
            return
        if not is_served(endpoint, values["filename"]):
            raise LookupError(f"Add {values['filename']} to SERVED in app/web/static_files.py.")
        values["v"] = current_digest(path)


def reject_other_names() -> None:
    """Respond with 404 to all names of a file but the one that url_for() uses.

    `a/../app.css` is the same file as `app.css`, and would be cached again.
    """
    if not is_served(request.endpoint, requested_name()):
        abort(404)


def is_served(endpoint: str | None, filename: str) -> bool:
    return filename == normpath(filename) and filename in SERVED.get(endpoint or "", {filename})


def requested_name() -> str:
    """Return the requested path below the static folder of the endpoint."""
    return str((request.view_args or {}).get("filename", ""))


def requested_file() -> Path | None:
    """Return the path of the requested file, or None if there is no such static file."""
    return (
        find_file(request.endpoint or "", requested_name())
        if is_static_file(request.endpoint)
        else None
    )


def cache_and_compress(response: Response) -> Response:
    """Allow browsers to cache the file for a year if its digest is current, and compress it."""
    path = requested_file() if response.status_code in {200, 304} else None
    if path is None:
        return response
    # Another digest is invalid, or belongs to another release during a deployment.
    if request.args.get("v") == current_digest(path):
        response.headers["Cache-Control"] = IMMUTABLE
    if response.status_code == 200 and request.method == "GET":
        response.direct_passthrough = False
        response.make_sequence()
        compress.after_request(response)
    return response


def compression_cache_key(request: Request) -> str:
    """Return the digest of the file, whatever the URL and the headers of the request are."""
    path = requested_file()
    return current_digest(path) if path is not None else ""


def find_file(endpoint: str, filename: str) -> Path | None:
    """Return the path of a static file, or None if it does not exist."""
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints[blueprint] if blueprint else current_app
    path = Path(owner.static_folder or "", filename)
    return path if path.is_file() else None


def current_digest(path: Path) -> str:
    """Return the digest of a file. Only in debug mode is it read again after a change."""
    return digest(path, path.stat().st_mtime_ns if current_app.debug else 0)


@lru_cache(maxsize=256)
def digest(path: Path, changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
