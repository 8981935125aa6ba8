"""The only error handlers: what happened, what was kept, what to do next.

A person gets a page, a program `application/problem+json` (RFC 9457). An error page asks the
database nothing, because the database may be the error.
"""

import sqlite3
from dataclasses import dataclass
from http import HTTPStatus

from flask import current_app, g, json, make_response, render_template, request
from flask.typing import ResponseReturnValue
from psycopg.errors import (
    IdleInTransactionSessionTimeout,
    RaiseException,
    ReadOnlySqlTransaction,
    TransactionTimeout,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Conflict, HTTPException, ServiceUnavailable

from app.application import Application
from app.words import lazy as _

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


@dataclass
class Words:
    title: str
    what_happened: str
    what_was_kept: str
    what_next: str


NOTHING_CHANGED = _("Nothing was changed.")
NOTHING_SAVED = _("Nothing of this request was saved.")
WORDS = {
    400: Words(
        _("That request could not be understood"),
        _("Something in it was missing or not in the right form."),
        NOTHING_CHANGED,
        _("Go back, reload the page and try again."),
    ),
    401: Words(
        _("Please sign in"),
        _("This is only shown to people who are signed in."),
        NOTHING_CHANGED,
        _("Sign in, then try again."),
    ),
    403: Words(
        _("You may not do that"),
        _("You are known here, but this is not open to you."),
        NOTHING_CHANGED,
        _("If you think it should be, ask whoever runs this site."),
    ),
    404: Words(
        _("There is no such page"),
        _("The address may be mistyped, or what was here has been removed."),
        NOTHING_CHANGED,
        _("Check the address, or start again from the home page."),
    ),
    405: Words(
        _("That does not work here"),
        _("This address exists, but does not do what was asked of it."),
        NOTHING_CHANGED,
        _("Go back and use the buttons on the page."),
    ),
    409: Words(
        _("Somebody else was faster"),
        _("What you sent no longer fits what is stored: it may be taken, or just changed."),
        NOTHING_SAVED,
        _("Go back, reload the page to see how things stand, and try again."),
    ),
    413: Words(
        _("That was too large"),
        _("What you sent is larger than this site accepts."),
        NOTHING_SAVED,
        _("Send something smaller."),
    ),
    422: Words(
        _("Something needs another look"),
        _("What you sent was understood, but is not acceptable as it stands."),
        NOTHING_SAVED,
        _("Go back, correct it and send it again."),
    ),
    429: Words(
        _("That was too often"),
        _("There were too many tries in a short time."),
        NOTHING_SAVED,
        _("Wait a little, then try again."),
    ),
    500: Words(
        _("Something went wrong on our side"),
        _("The mistake is ours. It has been recorded."),
        NOTHING_SAVED,
        _("Try again in a moment. If it happens again, tell us the number below."),
    ),
    503: Words(
        _("We cannot answer right now"),
        _("The site is busy, or part of it is away for a moment."),
        NOTHING_SAVED,
        _("Try again in a few seconds."),
    ),
}


def init_app(app: Application) -> None:
    app.register_error_handler(HTTPException, answer)
    for kind in (DBAPIError, PoolTimeout, StaleDataError):
        app.register_error_handler(kind, answer_database_error)


def answer(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error as a page, or as problem+json to a program."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    response = make_response(error.get_response())
    words = WORDS.get(code) or WORDS[500 if code >= 500 else 400]
    if wants_json():
        response.data = json.dumps(problem(code, words))
        response.mimetype = "application/problem+json"
    else:
        response.data = render_template(
            "error.html", code=code, request_id=g.get("request_id"), **vars(words)
        )
        response.mimetype = "text/html"
    return response


def problem(code: int, words: Words) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": f"{words.what_happened} {words.what_was_kept} {words.what_next}",
        "request_id": g.get("request_id"),
    }


def wants_json() -> bool:
    """Return whether the client would rather have JSON than a page."""
    kinds = request.accept_mimetypes
    best = kinds.best_match(["text/html", "application/json", "application/problem+json"])
    return best != "text/html" and best is not None and kinds[best] > kinds["text/html"]


def answer_database_error(error: Exception) -> ResponseReturnValue:
    """Answer what the database refused; a mistake in a statement is raised again, to be a 500."""
    status = status_of(error)
    if status is None:
        raise error
    current_app.logger.warning("database refused: %s", str(error).splitlines()[0])
    if status == HTTPStatus.CONFLICT:
        return answer(Conflict())
    return answer(ServiceUnavailable(retry_after=RETRY_AFTER))


def status_of(error: Exception) -> HTTPStatus | None:
    """Return 409 where a rule of the database refused, 503 where it could not, None otherwise."""
    origin = getattr(error, "orig", None)
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
