"""Logging: one JSON line per event, and one access line per request.

No line contains a password, a token, a cookie, an email address or an IP address. The access line
contains the route instead of the path, and messages are scrubbed.
"""

import json
import logging
import re
import secrets
import sys
from time import perf_counter
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    has_app_context,
    has_request_context,
    request,
    request_finished,
    request_started,
)
from sqlalchemy import Engine, event

from app.application import Application
from app.clock import now
from app.request_globals import g

access = logging.getLogger("app.access")
to_json = json.JSONEncoder(default=str).encode
# The id of a proxy is used if it has this form. Other values could forge log lines.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Email and IP addresses, and the values in a database error. PostgreSQL's DETAIL contains a whole
# row. gunicorn repeats a request that it cannot parse, whose URL or cookie may be a token: only
# the error is kept.
#
# Each alternative starts at one position of a run of letters at most, and never backtracks over it
# (`*+`), so that the time is linear in the length of the text.
ADDRESS = r"[^\s@\"'<>()\[\]=,\\]"
PRIVATE = re.compile(
    rf"(?<!{ADDRESS}){ADDRESS}++@{ADDRESS}+"
    r"|\bip=\S+|\[parameters: [^\n]*|\b(?:invalid input|value \"|value out of range: )[^\n]*"
    r"|DETAIL: .*?(?=\n\[SQL: |\n\nThe above exception|\n\nDuring handling|\Z)",
    re.DOTALL,
)
REFUSED_REQUEST = re.compile(
    r"(?s)\A(?:(Invalid request from )ip=\S*( [^:'\"]*).*|(Error handling request )[^(].*)"
)
# The number of characters of a message or traceback that are written: its beginning and its end.
MAX_TEXT_LENGTH = 20_000


def init_app(app: Application) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(make_formatter(readable=app.debug))
    logger = logging.getLogger("app")
    logger.handlers = [handler]
    logger.setLevel(app.config["LOG_LEVEL"])
    # The development server's access line would repeat each request, and its greeting would
    # hide that of `make run`.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    request_started.connect(begin, app)
    request_finished.connect(write_access_line, app)


def make_formatter(*, readable: bool = False) -> logging.Formatter:
    """Return the formatter of every line, also of gunicorn's and of workers'."""
    return ReadableFormatter() if readable else JSONFormatter()


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"event": record.getMessage(), "level": record.levelname.lower()}
        if record.name != access.name:  # whose message is constant
            line["event"] = scrub(line["event"])
        line |= facts_of(record)
        if record.exc_info:
            line["exception"] = scrub(self.formatException(record.exc_info))
        return to_json(line)


class ReadableFormatter(logging.Formatter):
    """The format of development: complete, with values and addresses."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        rest = " ".join(f"{name}={value}" for name, value in facts.items() if name != "at")
        line = f"{facts['at']} {record.levelname:<7} {record.getMessage()} {rest}".rstrip()
        return line if not record.exc_info else f"{line}\n{self.formatException(record.exc_info)}"


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the time, the request id, and the `facts` that were passed as `extra`."""
    facts = {"at": now().isoformat(timespec="milliseconds")}
    if has_app_context() and (request_id := g.request_id):
        facts["request_id"] = request_id
    return facts | getattr(record, "facts", {})


def scrub(text: str) -> str:
    """Return a text without addresses, values of rows, and requests that gunicorn cannot parse."""
    text = REFUSED_REQUEST.sub(r"\1\3…\2", text)
    return shorten(PRIVATE.sub("…", text))


def shorten(text: str) -> str:
    """Cut the middle out of a long text. Scrub it first, or half an address could remain."""
    half = MAX_TEXT_LENGTH // 2
    return text if len(text) <= MAX_TEXT_LENGTH else f"{text[:half]} … {text[-half:]}"


def begin(app: Flask, **signal: object) -> None:
    names = g.itself
    names.started_at = perf_counter()
    names.request_id = trusted_request_id(app) or secrets.token_hex(8)


def trusted_request_id(app: Flask) -> str | None:
    """Return the id that a trusted proxy set, so that its log lines and ours can be matched."""
    if not app.config["TRUSTED_PROXIES"]:
        return None
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else None


def write_access_line(app: Flask, response: Response, **rest: object) -> None:
    """Log the request, its user, its status and its duration in milliseconds."""
    if not access.isEnabledFor(logging.INFO):
        return
    names = g.itself
    facts = {
        "method": request.method,
        **route_facts(),
        "status": response.status_code,
        "ms": round((perf_counter() - names.started_at) * 1000, 1),
        "queries": names.query_count,
        "query_ms": round(names.query_seconds * 1000, 3),
    }
    if names.user_id is not None:
        facts["user_id"] = names.user_id
    # Not info(), which looks for the line of code that calls it.
    record = access.makeRecord(access.name, logging.INFO, __file__, 0, "request", (), None)
    record.facts = facts
    access.handle(record)


def route_facts() -> dict[str, str]:
    """Return the route, or for a URL without one, its first part if a route begins with it.

    Anything else may be a token, such as one that was pasted without the rest of its link.
    """
    if (rule := request.url_rule) is not None:
        return {"route": rule.rule}
    first, slash, rest = request.path[1:].partition("/")
    if first not in route_prefixes(current_app):
        return {"path": "/…"}
    return {"path": f"/{first}/…" if rest else f"/{first}{slash}"}


def route_prefixes(app: Flask) -> set[str]:
    """Return the first parts of all routes."""
    return {rule.rule[1:].partition("/")[0] for rule in app.url_map.iter_rules()}


@event.listens_for(Engine, "before_cursor_execute")
def note_start(
    connection: Any, cursor: Any, statement: str, values: Any, context: Any, *r: Any
) -> None:
    if context is not None:
        context.started = perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def note_end(
    connection: Any, cursor: Any, statement: str, values: Any, context: Any, *r: Any
) -> None:
    """Count the query for the access line of its request."""
    if context is not None and has_request_context():
        names = g.itself
        names.query_count += 1
        names.query_seconds += perf_counter() - context.started
