"""The unit of work of a request: begun before anything else, ended after everything else."""

import sys

from flask import Flask, Response, got_request_exception, request, request_started
from werkzeug.exceptions import InternalServerError

from app.application import Application, this_app, view_raised
from app.database import current_session, db
from app.request_globals import g
from app.unit_of_work.unit import (
    UncommittedChanges,
    Unit,
    has_changes,
    open_unit,
    require_no_changes,
    rolled_back,
    start_unit,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def init_app(app: Application) -> None:
    request_started.connect(begin, app)
    view_raised.connect(roll_back_failed_view, app)
    app.after_request(finish)
    app.teardown_appcontext(clean_up)


def begin(app: Flask, **signal: object) -> None:
    """Decide before the first query whether this request reads or writes (RFC 9110, 9.2.1)."""
    start_unit(writes=request.method not in SAFE_METHODS)


def make_read_only() -> None:
    """Let this request only read, whatever its method. Call it before the first query.

    Calls of regardless() are kept: they run in units of their own.
    """
    g.unit.writes = g.commit_later = current_session().writing = False


def roll_back_failed_view(app: Flask, exception: Exception) -> None:
    """Roll back before any error handler renders a response."""
    unit = open_unit()
    if unit is not None:
        unit.failed = True
        roll_back(unit)


def finish(response: Response) -> Response:
    """Commit if the view requested it and nothing failed. If the commit fails, respond with that.

    Registered early, and therefore the last `after_request` function to run.
    """
    names = g.itself
    unit: Unit | None = names.unit
    if unit is None or unit.ended:
        return response
    try:
        if response.status_code >= 500 and not unit.failed:
            roll_back(unit)
            response.headers.remove("Set-Cookie")
        elif names.commit_later and not unit.failed:
            unit.commit()
        elif has_changes():
            raise UncommittedChanges(
                f"{request.method} {request.path} changed the database and returned without "
                "calling commit_later(). Everything was rolled back. Call commit_later() in the "
                "view, or do not change anything."
            )
    except Exception as error:
        response = replace_response(error, response)
    finally:
        unit.close_and_run_regardless_calls()
    return response


def roll_back(unit: Unit) -> None:
    unit.roll_back()
    rolled_back.send(this_app())


def replace_response(error: Exception, replaced: Response) -> Response:
    """Respond with the error, in place of a success that did not happen.

    Raising in an `after_request` function would make Flask run all of them a second time. So an
    error without a handler is reported here as Flask would, and raised only in debug and testing.
    """
    app = this_app()
    try:
        return app.make_error_response(error, replaced)
    except Exception as unhandled:
        propagate = app.config["PROPAGATE_EXCEPTIONS"]
        if (app.testing or app.debug) if propagate is None else propagate:
            raise
        got_request_exception.send(app, exception=unhandled)
        app.log_exception(sys.exc_info())
        internal = InternalServerError(original_exception=unhandled)
        return app.make_error_response(internal, replaced)


def clean_up(exception: BaseException | None) -> None:
    """End a unit that no response has ended, and report changes made outside a unit."""
    unit = g.unit
    try:
        if exception is None and (unit is None or unit.ended):
            require_no_changes()
    finally:
        db.session.remove()
        if unit is not None:
            unit.close_and_run_regardless_calls()
