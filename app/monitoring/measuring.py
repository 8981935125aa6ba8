"""Update the metrics from Flask's signals and SQLAlchemy's events, so that no view has to."""

from functools import lru_cache
from http import HTTPStatus
from time import perf_counter

from flask import Flask, Response, request, request_finished, request_started
from flask import request_tearing_down as request_is_over
from prometheus_client import Counter, Histogram
from sqlalchemy import Connection, Engine, ExceptionContext, event

from app.application import Application
from app.database import READING, db, is_committing
from app.mail.outbox import withheld
from app.monitoring.metrics import (
    COMMIT_FAILURES,
    COMMITS,
    CONNECTIONS,
    IN_FLIGHT,
    MAILS_WITHHELD,
    REQUESTS,
    ROLLBACKS,
    SECONDS,
    SIGN_INS,
)
from app.monitoring.request_globals import MonitoringGlobals, g

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def init_app(app: Application) -> None:
    app.declare_globals(MonitoringGlobals)
    request_started.connect(begin, app)
    request_finished.connect(count, app)
    request_is_over.connect(end, app)
    withheld.connect(count_withheld)
    with app.app_context():
        watch_transactions(db.engines[None])
        watch_pool(db.engines[None], "write")
        watch_pool(db.engines[READING], "read")


def begin(app: Flask, **signal: object) -> None:
    g.in_flight = True
    IN_FLIGHT.inc()


def count(app: Flask, response: Response, **signal: object) -> None:
    rule, method = request.url_rule, request.method
    # A series is kept for ever, so an invented method must not create one.
    method = method if method in METHODS else "other"
    route = rule.rule if rule else "none"
    requests, seconds = series_of(method, route, response.status_code)
    requests.inc()
    seconds.observe(perf_counter() - g.started_at)
    if method == "POST" and request.endpoint == "auth.login":
        SIGN_INS.labels(outcome(response.status_code)).inc()


@lru_cache(maxsize=4096)
def series_of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return the series of one kind of response; looking them up costs as much as counting."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)


def end(app: Flask, **signal: object) -> None:
    """Count the end once: the context of a streamed response is torn down twice."""
    names = g.itself
    if names.in_flight:
        names.in_flight = False
        IN_FLIGHT.dec()


def count_withheld(kind: str) -> None:
    MAILS_WITHHELD.inc()


def outcome(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "throttled"
    return "succeeded" if status < 400 else "refused" if status < 500 else "failed"


def watch_transactions(engine: Engine) -> None:
    """Count commits, rollbacks, and each COMMIT that the database refuses."""

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        COMMITS.inc()

    @event.listens_for(engine, "rollback")
    def rollback(connection: Connection) -> None:
        ROLLBACKS.inc()

    @event.listens_for(engine, "handle_error")
    def refused(context: ExceptionContext) -> None:
        if is_committing(context):
            COMMIT_FAILURES.inc()


def watch_pool(engine: Engine, name: str) -> None:
    in_use = CONNECTIONS.labels(name)
    event.listen(engine, "checkout", lambda *connection: in_use.inc())
    event.listen(engine, "checkin", lambda *connection: in_use.dec())
