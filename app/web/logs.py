"""One JSON line for each thing that happened, and one access line for each request.

No line holds a password, a token, a cookie, or the address of a person or their machine: the
access line names the route and not the path, and what slips into a message is taken out of it.
"""

import json
import logging
import re
import secrets
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, has_app_context, has_request_context, request
from flask import request_finished as response_is_ready
from sqlalchemy import Engine, event

from app.application import Application
from app.clock import now

Line = MutableMapping[str, Any]

access = logging.getLogger("app.access")
to_json = json.JSONEncoder(default=str).encode
# A proxy's own id is taken over if it looks like one; anything else could forge lines.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Addresses of people and machines, and the values in a database error. What PostgreSQL tells as
# DETAIL is a whole row, with every line somebody wrote into it. gunicorn repeats a request that it
# cannot read, whose address or cookie may be a token: only what was wrong with it stays.
#
# Each part starts in one place of a run of letters at most, and never goes back over it (`*+`), so
# that the time grows with the length of the text and not with its square.
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
# Of an event or exception, so many characters are written: its beginning and its end.
LONGEST_TEXT = 20_000


def init_app(app: Application) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(make_formatter(readable=app.debug))
    logger = logging.getLogger("app")
    logger.handlers = [handler]
    logger.setLevel(app.config["LOG_LEVEL"])
    # The development server's own access line would say each request twice.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.before_request(start)
    app.after_request(add_request_id)
    response_is_ready.connect(write_access_line, app)


def make_formatter(*, readable: bool = False) -> logging.Formatter:
    """Return what turns each record, ours or a library's, into one line."""
    end: list[Any] = [scrub, structlog.processors.JSONRenderer(default=str)]
    if readable:
        plain = structlog.dev.plain_traceback
        end = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    else:
        end.insert(0, structlog.processors.format_exc_info)
    formatter = structlog.stdlib.ProcessorFormatter if readable else LineFormatter
    return formatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, add_facts],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
    )


class LineFormatter(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        """Write the access line at once: each request pays for it, and it has only plain facts."""
        if record.name != access.name or not hasattr(record, "facts"):
            return super().format(record)
        line: Line = {"event": record.msg, "level": "info", "_record": record}
        add_facts(access, "info", line)
        del line["_record"]
        return to_json(line)


def add_facts(
    logger: Any, method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Add when it was, because of which request, and what its logger gave as `facts`."""
    line["at"] = now().isoformat(timespec="milliseconds")
    if has_app_context() and g.get("request_id"):
        line["request_id"] = g.request_id
    line.update(getattr(line["_record"], "facts", {}))
    return line


def scrub(logger: Any, method: str, line: Line) -> Line:
    """Take addresses, and the values of a refused statement, out of what was logged as text."""
    for name in ("event", "exception"):
        if name in line:
            line[name] = without_private(line[name])
    return line


def without_private(text: str) -> str:
    """Return a text without addresses, the values of a row and what gunicorn could not read."""
    text = REFUSED_REQUEST.sub(r"\1\3…\2", text)
    return shorten(PRIVATE.sub("…", text))


def shorten(text: str) -> str:
    """Return a text without its middle if it is too long. Scrub first: half an address stays."""
    half = LONGEST_TEXT // 2
    return text if len(text) <= LONGEST_TEXT else f"{text[:half]} … {text[-half:]}"


@dataclass
class Queries:
    """What one request has asked the database so far."""

    count: int = 0
    seconds: float = 0.0


def start() -> None:
    g.started = perf_counter()
    g.queries = Queries()
    g.request_id = given_request_id() or secrets.token_hex(8)


def given_request_id() -> str | None:
    """Return the id a trusted proxy gave this request, so that its lines and ours are found."""
    if not current_app.config["TRUSTED_PROXIES"]:
        return None
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else None


def add_request_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response


def write_access_line(app: Flask, response: Response, **rest: object) -> None:
    """Say what was asked, by whom, what was answered and how long it took, in milliseconds."""
    if not access.isEnabledFor(logging.INFO):
        return
    queries: Queries = g.get("queries") or Queries()
    facts = {
        "method": request.method,
        **where(),
        "status": response.status_code,
        "ms": round((perf_counter() - g.get("started", perf_counter())) * 1000, 1),
        "queries": queries.count,
        "query_ms": round(queries.seconds * 1000, 1),
    }
    # Read past SQLAlchemy, which would ask the database where the row has expired.
    login = vars(g.get("login_session", object))
    if "user_id" in login:
        facts["user_id"] = login["user_id"]
    access.info("request", extra={"facts": facts})


def where() -> dict[str, str]:
    """Return the route; of an address that has none, its first part if other addresses have it.

    Anything else may be a token, such as one that was pasted without the rest of its link.
    """
    if request.url_rule is not None:
        return {"route": request.url_rule.rule}
    first, slash, rest = request.path[1:].partition("/")
    if first not in first_parts(current_app):
        return {"path": "/…"}
    return {"path": f"/{first}/…" if rest else f"/{first}{slash}"}


def first_parts(app: Flask) -> set[str]:
    """Return what the addresses of the site begin with, but for what they leave open."""
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
    if context is not None:
        note_query(perf_counter() - context.started)


def note_query(seconds: float) -> None:
    """Count a query for the access line of the request that asked for it, if one did."""
    queries: Queries | None = g.get("queries") if has_request_context() else None
    if queries is not None:
        queries.count += 1
        queries.seconds += seconds
