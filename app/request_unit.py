"""The unit of work of one request: begun before anything else, ended after everything else."""

import sys

from flask import Flask, Response, current_app, g, got_request_exception, request
from werkzeug.exceptions import InternalServerError

from app.application import Application, exception_left_view, request_begins
from app.database import current_session, db
from app.unit import (
    UncommittedChanges,
    Unit,
    is_anything_changed,
    open_unit,
    refuse_changes_outside,
)
from app.unit_of_work import rolled_back, run_regardless

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def init_app(app: Application) -> None:
    request_begins.connect(begin, app)
    exception_left_view.connect(refuse, app)
    app.after_request(finish)
    app.teardown_appcontext(clean_up)


def begin(app: Flask) -> None:
    """Decide, before the first query, whether this request reads or writes (RFC 9110, 9.2.1)."""
    g.commit_later = False
    g.unit = Unit(writes=request.method not in SAFE_METHODS)
    if g.unit.writes:
        current_session().writing = True


def only_read() -> None:
    """Let this request read and nothing else, whatever its method. Before its first query."""
    g.unit = Unit(writes=False)
    current_session().writing = False


def refuse(app: Flask, exception: Exception) -> None:
    """Roll back what raised, before any handler renders an answer from it."""
    unit = open_unit()
    if unit is not None:
        unit.refused = True
        roll_back(unit)


def finish(response: Response) -> Response:
    """Commit if the view asked and nothing failed; answer the truth if the commit is refused.

    Registered early, and therefore the last `after_request` function to run.
    """
    unit = open_unit()
    if unit is None:
        return response
    try:
        if response.status_code >= 500 and not unit.refused:
            roll_back(unit)
            response.headers.remove("Set-Cookie")
        elif g.commit_later and not unit.refused:
            unit.commit()
        else:
            refuse_forgotten_changes()
    except Exception as error:
        response = answer_instead(error, response)
    finally:
        run_regardless(unit)
    return response


def roll_back(unit: Unit) -> None:
    unit.roll_back()
    rolled_back.send(current_app._get_current_object())  # type: ignore[attr-defined]  # a proxy


def refuse_forgotten_changes() -> None:
    if is_anything_changed():
        raise UncommittedChanges(
            f"{request.method} {request.path} changed the database and returned without calling "
            "commit_later(). Everything was rolled back. Call commit_later() where the view has "
            "decided, or do not change anything."
        )


def answer_instead(error: Exception, refused: Response) -> Response:
    """Answer what went wrong at the end, in place of a success that did not happen.

    Raising from an `after_request` function would make Flask run all of them a second time. So an
    error that no handler knows is reported here as Flask would, and raised only where Flask hands
    errors on to the developer.
    """
    app: Application = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    try:
        return app.make_error_response(error, refused)
    except Exception as unknown:
        propagate = app.config["PROPAGATE_EXCEPTIONS"]
        if (app.testing or app.debug) if propagate is None else propagate:
            raise
        got_request_exception.send(app, exception=unknown)
        app.log_exception(sys.exc_info())
        return app.make_error_response(InternalServerError(original_exception=unknown), refused)


def clean_up(exception: BaseException | None) -> None:
    """End what no response ended, and let no change outside a unit vanish without a word."""
    unit: Unit | None = g.get("unit")
    try:
        if exception is None and (unit is None or unit.ended):
            refuse_changes_outside()
    finally:
        db.session.remove()
        if unit is not None:
            run_regardless(unit)
