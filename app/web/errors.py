"""The only error handlers: what happened, what was kept, what to do next.

A person gets a page, a program `application/problem+json` (RFC 9457). An error page asks the
database nothing, because the database may be the error.
"""

import sqlite3
from dataclasses import dataclass
from http import HTTPStatus

from flask import current_app, json, make_response, render_template, request
from flask.typing import ResponseReturnValue
from psycopg import DataError as NotSendable
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
NOTHING_SAVED = _("Nothing of this request was saved.")
ERROR_TEXTS = {
    400: ErrorText(
        _("That request could not be understood"),
        _("Something in it was missing or not in the right form."),
        NOTHING_CHANGED,
        _("Go back, reload the page and try again."),
    ),
    401: ErrorText(
        _("Please sign in"),
        _("This is only shown to people who are signed in."),
        NOTHING_CHANGED,
        _("Sign in, then try again."),
    ),
    403: ErrorText(
        _("You may not do that"),
        _("You are known here, but this is not open to you."),
        NOTHING_CHANGED,
        _("If you think it should be, ask whoever runs this site."),
    ),
    404: ErrorText(
        _("There is no such page"),
        _("The address may be mistyped, or what was here has been removed."),
        NOTHING_CHANGED,
        _("Check the address, or start again from the home page."),
    ),
    405: ErrorText(
        _("That does not work here"),
        _("This address exists, but does not do what was asked of it."),
        NOTHING_CHANGED,
        _("Go back and use the buttons on the page."),
    ),
    409: ErrorText(
        _("Somebody else was faster"),
        _("What you sent no longer fits what is stored: it may be taken, or just changed."),
        NOTHING_SAVED,
        _("Go back, reload the page to see how things stand, and try again."),
    ),
    413: ErrorText(
        _("That was too large"),
        _("What you sent is larger than this site accepts."),
        NOTHING_SAVED,
        _("Send something smaller."),
    ),
    422: ErrorText(
        _("Something needs another look"),
        _("What you sent was understood, but is not acceptable as it stands."),
        NOTHING_SAVED,
        _("Go back, correct it and send it again."),
    ),
    429: ErrorText(
        _("That was too often"),
        _("There were too many tries in a short time."),
        NOTHING_SAVED,
        _("Wait a little, then try again."),
    ),
    500: ErrorText(
        _("Something went wrong on our side"),
        _("The mistake is ours. It has been recorded."),
        NOTHING_SAVED,
        _("Try again in a moment. If it happens again, tell us the number below."),
    ),
    503: ErrorText(
        _("We cannot answer right now"),
        _("The site is busy, or part of it is away for a moment."),
        NOTHING_SAVED,
        _("Try again in a few seconds."),
    ),
}
# A connection was lost between COMMIT and its answer.
OUTCOME_UNKNOWN = ErrorText(
    _("We do not know whether that was saved"),
    _("The connection to our database was lost just as it was being saved."),
    _("It may have been saved, and it may not."),
    _("Look whether it is there before you send it again."),
)

RETRY_AFTER = 5
# What SQLite says of its file and its disk. Its other errors are mistakes in a statement.
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


# What PostgreSQL says when it ended a transaction that idled, or stands by for another server.
POSTGRESQL_UNAVAILABLE = (
    IdleInTransactionSessionTimeout,
    ReadOnlySqlTransaction,
    TransactionTimeout,
)
# What no row can hold, be it that the database or already its driver says so. Other errors of
# data (a division by zero) are mistakes in a statement.
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
# Browsers send about 150 characters.
LONGEST_ACCEPT = 1000


def init_app(app: Application) -> None:
    app.register_error_handler(HTTPException, error_response)
    for kind in (DBAPIError, PoolTimeout, StaleDataError):
        app.register_error_handler(kind, database_error_response)


def error_response(error: HTTPException, words: ErrorText | None = None) -> ResponseReturnValue:
    """Answer an HTTP error as a page, or as problem+json to a program."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    response = make_response(error.get_response())
    words = words or ERROR_TEXTS.get(code) or ERROR_TEXTS[500 if code >= 500 else 400]
    if wants_json():
        response.data = json.dumps(problem(code, words))
        response.mimetype = "application/problem+json"
    else:
        response.data = render_template(
            "error.html", code=code, request_id=g.request_id, **vars(words)
        )
        response.mimetype = "text/html"
    return response


def problem(code: int, words: ErrorText) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": f"{words.what_happened} {words.what_was_kept} {words.what_next}",
        "request_id": g.request_id,
    }


def wants_json() -> bool:
    """Return whether the client would rather have JSON than a page.

    A list of more than LONGEST_ACCEPT characters is not read: Werkzeug takes it apart letter by
    letter.
    """
    if len(request.headers.get("Accept", "")) > LONGEST_ACCEPT:
        return False
    kinds = request.accept_mimetypes
    best = kinds.best_match(["text/html", "application/json", "application/problem+json"])
    return best != "text/html" and best is not None and kinds[best] > kinds["text/html"]


def database_error_response(error: Exception) -> ResponseReturnValue:
    """Answer what the database refused; a mistake in a statement is raised again, to be a 500."""
    status = status_of(error)
    if status is None:
        raise error
    current_app.logger.warning("database refused: %s", reason(error))
    if status == HTTPStatus.CONFLICT:
        return error_response(Conflict())
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return error_response(UnprocessableEntity())
    unknown = OUTCOME_UNKNOWN if isinstance(error, OutcomeUnknown) else None
    return error_response(ServiceUnavailable(retry_after=RETRY_AFTER), unknown)


def reason(error: Exception) -> str:
    """Return what an operator is told: of refused data its kind alone, because it is people's."""
    origin = getattr(error, "orig", None)
    said = type(origin).__name__ if is_unstorable(origin) else str(error).splitlines()[0]
    return f"{said} (COMMIT was under way)" if isinstance(error, OutcomeUnknown) else said


def status_of(error: Exception) -> HTTPStatus | None:
    """Return 409 where a rule refused, 422 for what no row holds, 503 where the database is away.

    None for everything else, which is our mistake.
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
        # The lowest byte is the primary code; the rest says more about it.
        unavailable = origin.sqlite_errorcode & 0xFF in SQLITE_UNAVAILABLE
        return HTTPStatus.SERVICE_UNAVAILABLE if unavailable else None
    if isinstance(error, OperationalError) or getattr(error, "connection_invalidated", False):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return None


def is_unstorable(origin: object) -> bool:
    """Return whether it was the data; psycopg has no class of its own for a NUL in a text."""
    return isinstance(origin, UNSTORABLE) or type(origin) is NotSendable
