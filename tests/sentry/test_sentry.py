"""Error reports to Sentry."""

import gzip
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import brotli
import pytest
import sentry_sdk
from flask import Blueprint, request

from app.application import Application
from app.sessions.guards import public
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in
from tests.loaded_modules import loaded_by_start

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
views = Blueprint("views", __name__)


@views.get("/broken/<token>")
@public
def broken(token: str) -> str:
    seen = request.headers["Cookie"]
    raise RuntimeError(f"the printer is on fire, {len(seen)} long, on {'alice'}@example.com")


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    """Run a Sentry server; yield its DSN, and the bodies that it receives."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = UNPACK[self.headers.get("Content-Encoding", "")]
            bodies.append(unpack(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *about: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", bodies
    sentry_sdk.get_client().close(timeout=2)
    sentry_sdk.init()
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_error_is_reported_without_personal_data(
    make_app: Callable[..., Application], alice: User, sentry: tuple[str, list[bytes]]
) -> None:
    dsn, bodies = sentry
    client: Client = signed_in(make_app(views, SENTRY_DSN=dsn, PROPAGATE_EXCEPTIONS=False), alice)
    client.get("/broken/the-token?next=the-query", headers={"X-Private": "the-header"})
    sentry_sdk.flush(timeout=5)
    text = b"\n".join(bodies).decode()
    events = [json.loads(line) for line in text.splitlines() if '"exception"' in line]
    assert events[0]["exception"]["values"][0]["value"].startswith("the printer is on fire")
    cookies = [cookie.value for cookie in client._cookies.values()]
    private = [alice.email, "the-token", "the-query", "the-header", "127.0.0.1", *cookies]
    assert [word for word in private if word in text.replace(dsn, "")] == []


def test_a_site_without_it_does_not_load_its_client(clean_database: str) -> None:
    assert "sentry_sdk" not in loaded_by_start(clean_database)
