"""Style sheets, scripts and pictures: fetched once, kept for a year, compressed on the way.

Their addresses carry a digest of what is in them. A new release has new addresses, so that no
browser ever shows an old style sheet. Pages are not compressed: they hold secrets beside what a
stranger can have them echo, and the length would tell (BREACH).
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
# Of what a package brings along, only the files that pages use are served. Another one, such as
# js/bootstrap.min.js, is added here.
SERVED = {"bootstrap.static": frozenset({"css/bootstrap.min.css"})}
compress = Compress()


def init_app(app: Application) -> None:
    app.config["COMPRESS_MIMETYPES"] = ["text/css", "text/javascript", "image/svg+xml"]
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    # Compressed once a process, so that the time for the best there is may be spent. What is kept
    # grows with the files of the release, and with nothing that a request says.
    app.config["COMPRESS_BR_LEVEL"] = 11
    app.config["COMPRESS_LEVEL"] = 9
    app.config["COMPRESS_REGISTER"] = False
    app.config["COMPRESS_STREAMS"] = False
    app.config["COMPRESS_CACHE_BACKEND"] = None if app.debug else DictCache
    app.config["COMPRESS_CACHE_KEY"] = name_content
    compress.init_app(app)
    app.url_defaults(add_digest)
    app.before_request(refuse_other_files)
    app.after_request(prepare_file)


def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    """Have url_for() add the digest to the address of a file.

    Raises LookupError for a file of a package that is there and would be a 404.
    """
    if is_static_file(endpoint) and "filename" in values and "v" not in values:
        path = find_file(endpoint, values["filename"])
        if path is None:
            return
        if not is_served(endpoint, values["filename"]):
            raise LookupError(f"Add {values['filename']} to SERVED in app/web/static_files.py.")
        values["v"] = current_digest(path)


def refuse_other_files() -> None:
    """Answer 404 to every name of a file but the one that url_for() makes.

    `a/../app.css` is the same file as `app.css`, and would be one of any number of names for it.
    """
    if is_static_file(request.endpoint) and not is_served(request.endpoint, requested_name()):
        abort(404)


def is_served(endpoint: str | None, filename: str) -> bool:
    return filename == normpath(filename) and filename in SERVED.get(endpoint or "", {filename})


def requested_name() -> str:
    """Return the name of the file in the folder of its endpoint."""
    return str((request.view_args or {}).get("filename", ""))


def requested_file() -> Path | None:
    """Return the file that is asked for, or None where it is none of ours."""
    return (
        find_file(request.endpoint or "", requested_name())
        if is_static_file(request.endpoint)
        else None
    )


def prepare_file(response: Response) -> Response:
    path = requested_file() if response.status_code in {200, 304} else None
    if path is None:
        return response
    # Another digest is that of another release, which is being rolled out, or made up.
    if request.args.get("v") == current_digest(path):
        response.headers["Cache-Control"] = IMMUTABLE
    if response.status_code == 200 and request.method == "GET":
        response.direct_passthrough = False
        response.make_sequence()
        compress.after_request(response)
    return response


def name_content(request: Request) -> str:
    """Return what a compressed file is kept under: its content, however it was asked for."""
    path = requested_file()
    return current_digest(path) if path is not None else ""


def find_file(endpoint: str, filename: str) -> Path | None:
    """Return the file that an address of ours leads to, or None if there is none."""
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints[blueprint] if blueprint else current_app
    path = Path(owner.static_folder or "", filename)
    return path if path.is_file() else None


def current_digest(path: Path) -> str:
    """Return the digest of a file, which changes only while somebody works on it."""
    return digest(path, path.stat().st_mtime_ns if current_app.debug else 0)


@lru_cache(maxsize=256)
def digest(path: Path, changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
