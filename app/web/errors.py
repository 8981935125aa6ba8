"""The error handlers. An error says what happened, what was kept and what to do next.

A browser gets a page, a program `application/problem+json` (RFC 9457). The page makes no query,
because the database may be the cause of the error.
"""

import sqlite3
from dataclasses import dataclass
from http import HTTPStatus

from flask import current_app, json, make_response, render_template, request
from flask.typing import ResponseReturnValue
from psycopg import DataError as PsycopgDataError
from psycopg.errors import (
    CharacterNotInRepertoire,
    DatetimeFieldOverflow,
    IdleInTransactionSessionTimeout,
    NumericValueOutOfRange,
    RaiseException,
    ReadOnlySqlTransaction,
    StringDataRightTruncation,
    TransactionTimeout,
    UntranslatableCharacter,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import (
    Conflict,
    HTTPException,
    ServiceUnavailable,
    UnprocessableEntity,
)

from app.application import Application
from app.database import OutcomeUnknown
from app.request_globals import g
from app.web.i18n import lazy_gettext as _


@dataclass
class ErrorText:
    title: str
    what_happened: str
    what_was_kept: str
    what_next: str


NOTHING_CHANGED = _("Nothing was changed.")
NOTHING_SAVED = _("Nothing was saved.")
ERROR_TEXTS = {
    400: ErrorText(
        _("This request could not be processed"),
        _("A part of it is missing or invalid."),
        NOTHING_CHANGED,
        _("Go back, reload the page and try again."),
    ),
    401: ErrorText(
        _("Please sign in"),
        _("You need to be signed in to see this page."),
        NOTHING_CHANGED,
        _("Sign in, then try again."),
    ),
    403: ErrorText(
        _("You don't have access to this page"),
        _("Your account doesn't have the permission that this page requires."),
        NOTHING_CHANGED,
        _("If you need access, contact the operator of this site."),
    ),
    404: ErrorText(
        _("Page not found"),
        _("The address may be wrong, or the page has been removed."),
        NOTHING_CHANGED,
        _("Check the address, or start from the home page."),
    ),
    405: ErrorText(
        _("This action is not available here"),
        _("The page exists, but doesn't support this request."),
        NOTHING_CHANGED,
        _("Go back and use the buttons on the page."),
    ),
    409: ErrorText(
        _("This has changed in the meantime"),
        _("Your entries conflict with newer data: a value may be taken, or was just changed."),
        NOTHING_SAVED,
        _("Go back, reload the page and try again."),
    ),
    413: ErrorText(
        _("This is too large"),
        _("You sent more data than this site accepts."),
        NOTHING_SAVED,
        _("Go back and send less at once."),
    ),
    422: ErrorText(
        _("Please check your entries"),
        _("Some of your entries can't be accepted."),
        NOTHING_SAVED,
        _("Go back, correct them and try again."),
    ),
    429: ErrorText(
        _("Too many requests"),
        _("There were too many attempts in a short time."),
        NOTHING_SAVED,
        _("Wait a moment, then try again."),
    ),
    500: ErrorText(
        _("Something went wrong on our side"),
        _("This is our fault. The error has been recorded."),
        NOTHING_SAVED,
        _("Try again in a moment. If the error persists, contact us with the number below."),
    ),
    503: ErrorText(
        _("Temporarily unavailable"),
        _("The site is busy, or a part of it is down at the moment."),
        NOTHING_SAVED,
        _("Try again in a few seconds."),
    ),
}
# The connection was lost between COMMIT and its result.
OUTCOME_UNKNOWN = ErrorText(
    _("We don't know whether your changes were saved"),
    _("The connection to our database was lost while your changes were being saved."),
    _("Your changes may or may not have been saved."),
    _("Check whether they are there before you send them again."),
)

# Seconds.
RETRY_AFTER = 5
# Errors of SQLite about its file and its disk. All others are mistakes in a statement.
SQLITE_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


# Errors of PostgreSQL that ended an idle transaction, or is a standby.
POSTGRESQL_UNAVAILABLE = (
    IdleInTransactionSessionTimeout,
    ReadOnlySqlTransaction,
    TransactionTimeout,
)
# Errors of the database and the driver about values that cannot be stored. Other data errors (a
# division by zero) are mistakes in a statement.
UNSTORABLE = (
    CharacterNotInRepertoire,
    DatetimeFieldOverflow,
    NumericValueOutOfRange,
    OverflowError,
    sqlite3.DataError,
    StringDataRightTruncation,
    UnicodeEncodeError,
    UntranslatableCharacter,
)
API = "/api/"
# Characters. Browsers send about 150, and Werkzeug's parser is slow.
MAX_ACCEPT_LENGTH = 1000


def init_app(app: Application) -> None:
    app.register_error_handler(HTTPException, error_response)
    for kind in (DBAPIError, PoolTimeout, StaleDataError):
        app.register_error_handler(kind, database_error_response)


def error_response(error: HTTPException, text: ErrorText | None = None) -> ResponseReturnValue:
    """Return the response for an HTTP error: a page, or problem+json for a program."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    response = make_response(error.get_response())
    text = text or ERROR_TEXTS.get(code) or ERROR_TEXTS[500 if code >= 500 else 400]
    if wants_json():
        response.data = json.dumps(problem(code, text))
        response.mimetype = "application/problem+json"
    else:
        response.data = render_template(
            "error.html", code=code, request_id=g.request_id, **vars(text)
        )
        response.mimetype = "text/html"
    return response


def problem(code: int, text: ErrorText) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": f"{text.what_happened} {text.what_was_kept} {text.what_next}",
        "request_id": g.request_id,
    }


def wants_json() -> bool:
    """Return whether the client prefers JSON to a page. A very long Accept header is ignored.

    Under /api, a client without a preference gets JSON: curl sends `Accept: */*`.
    """
    is_api = f"{request.path}/".startswith(API)
    if len(request.headers.get("Accept", "")) > MAX_ACCEPT_LENGTH:
        return is_api
    kinds = request.accept_mimetypes
    json_quality = max(kinds["application/json"], kinds["application/problem+json"])
    page_quality = kinds["text/html"]
    return json_quality > page_quality or (is_api and json_quality == page_quality)


def database_error_response(error: Exception) -> ResponseReturnValue:
    """Return the response for a database error. Raises a mistake in a statement again: a 500."""
    status = status_of(error)
    if status is None:
        raise error
    current_app.logger.warning("database error: %s", log_text(error))
    if status == HTTPStatus.CONFLICT:
        return error_response(Conflict())
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return error_response(UnprocessableEntity())
    unknown = OUTCOME_UNKNOWN if isinstance(error, OutcomeUnknown) else None
    return error_response(ServiceUnavailable(retry_after=RETRY_AFTER), unknown)


def log_text(error: Exception) -> str:
    """Return the text for the log. It must not contain a rejected value, only the error's type."""
    origin = getattr(error, "orig", None)
    text = type(origin).__name__ if is_unstorable(origin) else str(error).splitlines()[0]
    return f"{text} (during COMMIT)" if isinstance(error, OutcomeUnknown) else text


def status_of(error: Exception) -> HTTPStatus | None:
    """Return 409 for a constraint, 422 for an unstorable value, 503 for an unavailable database.

    Returns None for anything else, which is a mistake in the code.
    """
    origin = getattr(error, "orig", None)
    if is_unstorable(origin):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, IntegrityError | StaleDataError) or isinstance(origin, RaiseException):
        return HTTPStatus.CONFLICT
    if isinstance(error, PoolTimeout | InterfaceError) or isinstance(
        origin, POSTGRESQL_UNAVAILABLE
    ):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(origin, sqlite3.OperationalError):
        # The lowest byte is the primary code, and the rest is detail.
        unavailable = origin.sqlite_errorcode & 0xFF in SQLITE_UNAVAILABLE
        return HTTPStatus.SERVICE_UNAVAILABLE if unavailable else None
    if isinstance(error, OperationalError) or getattr(error, "connection_invalidated", False):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return None


def is_unstorable(origin: object) -> bool:
    """Return whether a value caused the error. psycopg has no class of its own for a NUL."""
    return isinstance(origin, UNSTORABLE) or type(origin) is PsycopgDataError
