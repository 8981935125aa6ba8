"""Reject malformed and oversized input with a 4xx before a view runs."""

import re
from binascii import a2b_qp
from io import BytesIO
from itertools import chain
from typing import Any, NoReturn

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
# Characters of headers that Werkzeug parses slowly. Browsers send about 70.
MAX_HEADER_LENGTHS = {"CONTENT_TYPE": 1000, "HTTP_IF_MATCH": 10_000, "HTTP_IF_NONE_MATCH": 10_000}
# Bytes. Longer fields are decoded here: Werkzeug's parser runs Python code for each encoded byte,
# and more of it for each invalid one.
MAX_LENGTH_FOR_WERKZEUG = 1_000
# Makes all hexadecimal digits equal.
HEX_DIGITS = bytes.maketrans(b"0123456789ABCDEFabcdef", b"0" * 22)


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
    if any(len(environ.get(name, "")) > limit for name, limit in MAX_HEADER_LENGTHS.items()):
        reject_unparsed(431)  # RFC 6585, 5
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
    query, body = request.query_string, b""
    if request.mimetype == "application/x-www-form-urlencoded":
        body = request.get_data()
    if max(query.count(b"&"), body.count(b"&")) >= current_app.config["MAX_FORM_PARTS"]:
        reject_unparsed(413)
    try:
        # Of invalid UTF-8, Werkzeug would raise an error in a query, and drop the form of a body.
        query.decode()
        body.decode()
        if len(query) > MAX_LENGTH_FOR_WERKZEUG:
            request.args = ImmutableMultiDict(decode_fields(query))
        if len(body) > MAX_LENGTH_FOR_WERKZEUG:
            request.form = ImmutableMultiDict(decode_fields(body))
            request.files = ImmutableMultiDict()  # as Werkzeug, which sets both at once
    except ValueError:
        reject_unparsed(400)


def decode_fields(encoded: bytes) -> list[tuple[str, str]]:
    """Return names and values. Raises ValueError for an invalid escape and for invalid UTF-8."""
    if encoded.translate(HEX_DIGITS).count(b"%00") != encoded.count(b"%"):
        raise ValueError("a percent sign without two hexadecimal digits")
    pairs = [field.partition(b"=") for field in encoded.split(b"&") if field]
    return [(decode_text(name), decode_text(value)) for name, _, value in pairs]


def decode_text(encoded: bytes) -> str:
    """Return the text of a valid percent-encoding, as `unquote_plus` does, but 20 times as fast.

    Quoted-printable is the same encoding with an equals sign, and Python decodes it in C.
    """
    quoted = encoded.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
    return a2b_qp(quoted).decode()


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
    request.files = ImmutableMultiDict()
    abort(status)


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
