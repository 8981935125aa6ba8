"""One JSON line for each thing that happened, and one access line for each request."""

import json
import logging
import re
import secrets
import sys
from time import perf_counter

from flask import Flask, Response, g, has_app_context, request, request_finished

from app.application import Application
from app.clock import now

access = logging.getLogger("app.access")
# Links in mails carry their token in the path. Nothing that opens a door belongs in a log.
SECRET_IN_PATH = re.compile(r"^/(confirm|reset)/.+")


class JSONLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON, whatever line breaks its message has."""
        line = {
            "at": now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "request_id": g.get("request_id") if has_app_context() else None,
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        facts = {name: value for name, value in line.items() if value is not None}
        return json.dumps(facts, default=str)


class ReadableLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the record as people read it in development."""
        facts = " ".join(str(fact) for fact in getattr(record, "facts", {}).values())
        line = f"{record.levelname.lower()}: {record.getMessage()} {facts}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def init_app(app: Application) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ReadableLines() if app.debug else JSONLines())
    logger = logging.getLogger("app")
    logger.handlers = [handler]
    logger.setLevel(app.config["LOG_LEVEL"])
    # The development server's own access line would say each request twice.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.before_request(start)
    app.after_request(add_request_id)
    request_finished.connect(write_access_line, app)


def start() -> None:
    g.started = perf_counter()
    g.request_id = secrets.token_hex(8)


def add_request_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response


def write_access_line(app: Flask, response: Response, **rest: object) -> None:
    """Say what was asked, what was answered and how long it took, in milliseconds."""
    access.info(
        "request",
        extra={
            "facts": {
                "method": request.method,
                "path": SECRET_IN_PATH.sub(r"/\1/…", request.path),
                "status": response.status_code,
                "ms": round((perf_counter() - g.get("started", perf_counter())) * 1000, 1),
            }
        },
    )
