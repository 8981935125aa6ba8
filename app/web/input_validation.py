"""Input that nobody types: a 4xx for whoever sent it, and never a 500."""

import re
from collections.abc import Iterable
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import abort, current_app, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wsgi import get_content_length

from app.application import Application, is_static_file
from app.request_globals import g

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# PostgreSQL's INTEGER, the type of every id. SQLite's goes further, and Python's has no end.
LARGEST_ID = 2**31 - 1
# How JSON spells a NUL and half a character. Text without either needs no second look.
SPELT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
# Browsers send about 70 characters; Werkzeug takes the header apart letter by letter.
LONGEST_CONTENT_TYPE = 1000
# Bytes up to which a broken encoding is let through: Werkzeug calls a function for each bad byte.
LONGEST_BROKEN = 10_000


class BoundedIntegerConverter(IntegerConverter):
    def __init__(self, url_map: Map, **given: Any) -> None:
        """Let a number into an address only if a row may have it; others are a 404."""
        super().__init__(url_map, **{"max": LARGEST_ID, **given})


class JSONProvider(DefaultJSONProvider):
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON. Raises ValueError, a 400, for what no database keeps and no stack carries."""
        try:
            value = super().loads(s, **kwargs)
            if not isinstance(s, str) or SPELT.search(s):
                refuse_unkeepable(value)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return value


def init_app(app: Application) -> None:
    app.url_map.converters["int"] = BoundedIntegerConverter
    app.json = JSONProvider(app)
    app.wsgi_app = counting_bytes(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask asks for it
    app.before_request(validate_request)


def validate_request() -> None:
    """Reject malformed input, and requests whose session is unknown because Redis is down.

    Before the CSRF check: without the session, every token would look forged.
    """
    if g.session_is_lost and not is_static_file(request.endpoint):
        raise ServiceUnavailable(retry_after=5)
    refuse_truncated()
    refuse_malformed()


def counting_bytes(serve: "WSGIApplication") -> "WSGIApplication":
    """Have Werkzeug count the bytes of a body against its Content-Length, behind any server.

    A server that sets `wsgi.input_terminated` promises only that the body ends somewhere. Werkzeug
    then takes the end of a broken connection for the end of the body.
    """

    def serve_counting(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        # Some servers set it to "" where there is none.
        if environ.get("CONTENT_LENGTH") and get_content_length(environ) is not None:
            environ.pop("wsgi.input_terminated", None)
        return serve(environ, start_response)

    return serve_counting


def refuse_truncated() -> None:
    """Answer 400 for a body that ends before its Content-Length or last chunk (RFC 9112, 8).

    All of it is read here, so that a view that reads none of it is not run either. What is no form
    is kept in memory, up to MAX_CONTENT_LENGTH; files of a form go to disk as usual.
    """
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return
    try:
        body = request.get_data(parse_form_data=True)
    except Exception as error:
        request.stream = BytesIO()  # the error page may look for fields again
        if isinstance(error, HTTPException):
            raise
        # Each server has errors of its own for a chunk that is not well formed.
        current_app.logger.warning("body refused: %s", type(error).__name__)
        raise BadRequest from error
    request.stream = BytesIO(body)


def refuse_malformed() -> None:
    """Answer 413 for too many fields, 400 for one without a name, and 400 for a NUL.

    Flask-WTF stumbles over a missing name, and PostgreSQL cannot keep a NUL.
    """
    refuse_costly()
    refuse_broken_query()
    # Most pages are asked for without any, and making the lists has its price.
    has_fields = request.query_string or request.mimetype
    lists = list(request.values.listvalues()) if has_fields else []
    if sum(map(len, lists)) > current_app.config["MAX_FORM_PARTS"]:
        abort(413)
    if (has_fields and None in request.form) or any(
        "\0" in text for text in chain([request.path, request.user_agent.string], *lists)
    ):
        abort(400)


def refuse_costly() -> None:
    """Answer 4xx for what takes Werkzeug long to read, before it is read (ASVS 5.0 15.2.2)."""
    if len(request.headers.get("Content-Type", "")) > LONGEST_CONTENT_TYPE:
        refuse_unread(400)
    is_encoded = request.mimetype == "application/x-www-form-urlencoded"
    for encoded in (request.query_string, request.get_data() if is_encoded else b""):
        if encoded.count(b"&") >= current_app.config["MAX_FORM_PARTS"]:
            refuse_unread(413)
        if len(encoded) > LONGEST_BROKEN and not is_text(encoded):
            refuse_unread(400)


def refuse_unread(status: int) -> NoReturn:
    """Answer an error without reading any field, which the error page would do."""
    request.args = request.form = ImmutableMultiDict()
    abort(status)


def is_text(encoded: bytes) -> bool:
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


def refuse_broken_query() -> None:
    """Answer 400 for a query that is no UTF-8, where Werkzeug's `request.args` would raise."""
    try:
        request.query_string.decode()
    except UnicodeDecodeError:
        request.args = ImmutableMultiDict()  # the error page asks for them too
        abort(400)


def refuse_unkeepable(value: object) -> None:
    """Raise ValueError where text holds a NUL or half a character, which JSON can spell."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            refuse_unkeepable(inner)
    elif isinstance(value, str):
        value.encode()  # raises UnicodeEncodeError, a ValueError, for half a surrogate pair
        if "\0" in value:
            raise ValueError("text holds a NUL")
