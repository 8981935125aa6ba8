"""Reject malformed and oversized input with a 4xx before a view runs."""

import re
from io import BytesIO
from itertools import chain
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import abort, current_app, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable
from werkzeug.routing import IntegerConverter, Map

from app.application import Application, is_static_file
from app.request_globals import g
from app.web.static_files import reject_other_names

# PostgreSQL's INTEGER, the type of every id.
MAX_ID = 2**31 - 1
# How JSON spells a NUL or half a surrogate pair. Text without either needs no second check.
UNSTORABLE_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
# Characters. Browsers send about 70, and Werkzeug's parser is slow.
MAX_CONTENT_TYPE_LENGTH = 1000
# Bytes. Above this, the encoding is checked first: Werkzeug calls a function per invalid byte.
MAX_UNCHECKED_LENGTH = 10_000


class BoundedIntegerConverter(IntegerConverter):
    def __init__(self, url_map: Map, **given: Any) -> None:
        """Match only numbers that an id can have. Others are a 404."""
        super().__init__(url_map, **{"max": MAX_ID, **given})


class JSONProvider(DefaultJSONProvider):
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse JSON. Raises ValueError, a 400, if it cannot be stored or is nested too deeply."""
        try:
            value = super().loads(s, **kwargs)
            if not isinstance(s, str) or UNSTORABLE_ESCAPE.search(s):
                require_storable(value)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return value


def init_app(app: Application) -> None:
    app.url_map.converters["int"] = BoundedIntegerConverter
    app.json = JSONProvider(app)
    app.before_request(validate_request)


def validate_request() -> None:
    """Reject malformed input, and requests whose session is unknown because its server is down.

    Runs before the CSRF check: without the session, every token would look forged.
    """
    if is_static_file(request.endpoint):
        reject_other_names()
    elif g.session_is_lost:
        raise ServiceUnavailable(retry_after=5)
    environ = request.environ
    if len(environ.get("CONTENT_TYPE", "")) > MAX_CONTENT_TYPE_LENGTH:
        reject_unparsed(400)
    if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
        require_complete_body()
    if environ.get("QUERY_STRING") or environ.get("CONTENT_TYPE"):
        require_parsable_fields()
        require_valid_fields()
    if "\0" in environ.get("PATH_INFO", "") + environ.get("HTTP_USER_AGENT", ""):
        abort(400)


def require_complete_body() -> None:
    """Respond with 400 if the body ends before its Content-Length or last chunk (RFC 9112, 8).

    The whole body is read here, so a view that does not read it does not run either. It is kept in
    memory, up to MAX_CONTENT_LENGTH, except for uploaded files, which Werkzeug writes to disk.
    """
    try:
        body = request.get_data(parse_form_data=request.mimetype == "multipart/form-data")
    except Exception as error:
        request.stream = BytesIO()  # the error page may read the fields again
        if isinstance(error, HTTPException):
            raise
        # Each server raises its own errors for an invalid chunk.
        current_app.logger.warning("body rejected: %s", type(error).__name__)
        raise BadRequest from error
    request.stream = BytesIO(body)


def require_parsable_fields() -> None:
    """Reject query strings and forms that take Werkzeug long to parse (ASVS 5.0 15.2.2)."""
    is_encoded = request.mimetype == "application/x-www-form-urlencoded"
    for encoded in (request.query_string, request.get_data() if is_encoded else b""):
        if encoded.count(b"&") >= current_app.config["MAX_FORM_PARTS"]:
            reject_unparsed(413)
        if len(encoded) > MAX_UNCHECKED_LENGTH and not is_utf8(unquote_to_bytes(encoded)):
            reject_unparsed(400)
    if not is_utf8(request.query_string):
        reject_unparsed(400)  # `request.args` would raise UnicodeDecodeError


def require_valid_fields() -> None:
    """Respond with 413 to too many fields, and with 400 to one without a name and to a NUL.

    Flask-WTF fails on a missing name, and PostgreSQL cannot store a NUL.
    """
    # Keeps the fields in `request.values`, also for a view that runs as a GET (saved_form.py).
    lists = list(request.values.listvalues())
    if sum(map(len, lists)) > current_app.config["MAX_FORM_PARTS"]:
        abort(413)
    if None in request.form or any("\0" in text for text in chain(*lists)):
        abort(400)


def reject_unparsed(status: int) -> NoReturn:
    """Respond with an error, and have the error page find no fields to parse."""
    request.args = request.form = ImmutableMultiDict()
    abort(status)


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def require_storable(value: object) -> None:
    """Raise ValueError for text with a NUL or half a surrogate pair."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            require_storable(inner)
    elif isinstance(value, str):
        value.encode()  # raises UnicodeEncodeError, a ValueError, for half a surrogate pair
        if "\0" in value:
            raise ValueError("text contains a NUL")
