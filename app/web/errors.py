"""The only error handlers: what happened, what was kept, what to do next.

A person gets a page, a program `application/problem+json` (RFC 9457). An error page asks the
database nothing, because the database may be the error.
"""

import sqlite3
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
from app.web.error_words import OUTCOME_UNKNOWN, WORDS, Words

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
UNKEEPABLE = (
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
    app.register_error_handler(HTTPException, answer)
    for kind in (DBAPIError, PoolTimeout, StaleDataError):
        app.register_error_handler(kind, answer_database_error)


def answer(error: HTTPException, words: Words | None = None) -> ResponseReturnValue:
    """Answer an HTTP error as a page, or as problem+json to a program."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    response = make_response(error.get_response())
    words = words or WORDS.get(code) or WORDS[500 if code >= 500 else 400]
    if wants_json():
        response.data = json.dumps(problem(code, words))
        response.mimetype = "application/problem+json"
    else:
        response.data = render_template(
            "error.html", code=code, request_id=g.request_id, **vars(words)
        )
        response.mimetype = "text/html"
    return response


def problem(code: int, words: Words) -> dict[str, object]:
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


def answer_database_error(error: Exception) -> ResponseReturnValue:
    """Answer what the database refused; a mistake in a statement is raised again, to be a 500."""
    status = status_of(error)
    if status is None:
        raise error
    current_app.logger.warning("database refused: %s", reason(error))
    if status == HTTPStatus.CONFLICT:
        return answer(Conflict())
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return answer(UnprocessableEntity())
    unknown = OUTCOME_UNKNOWN if isinstance(error, OutcomeUnknown) else None
    return answer(ServiceUnavailable(retry_after=RETRY_AFTER), unknown)


def reason(error: Exception) -> str:
    """Return what an operator is told: of refused data its kind alone, because it is people's."""
    origin = getattr(error, "orig", None)
    said = type(origin).__name__ if is_unkeepable(origin) else str(error).splitlines()[0]
    return f"{said} (COMMIT was under way)" if isinstance(error, OutcomeUnknown) else said


def status_of(error: Exception) -> HTTPStatus | None:
    """Return 409 where a rule refused, 422 for what no row holds, 503 where the database is away.

    None for everything else, which is our mistake.
    """
    origin = getattr(error, "orig", None)
    if is_unkeepable(origin):
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


def is_unkeepable(origin: object) -> bool:
    """Return whether it was the data; psycopg has no class of its own for a NUL in a text."""
    return isinstance(origin, UNKEEPABLE) or type(origin) is NotSendable
