"""A slow, silent or unreachable database is a 503 within seconds."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from threading import Event, Thread
from time import monotonic

import pytest
from flask import Blueprint
from sqlalchemy import make_url, text

from app.application import Application
from app.database import db
from app.sessions.guards import public
from tests.conftest import visitor
from tests.databases import on_postgresql

pytestmark = on_postgresql  # SQLite has no network.

slow = Blueprint("slow", __name__)


@slow.route("/sleep/<int:seconds>", methods=["GET", "POST"])
@public
def sleep(seconds: int) -> dict[str, bool]:
    db.session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
    return {}


class Proxy:
    """A proxy to PostgreSQL that can stop forwarding without closing connections."""

    def __init__(self, host: str, port: int) -> None:
        self.behind = (host, port)
        self.stopped = Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.behind)
                for one, other in [(near, far), (far, near)]:
                    Thread(target=self.forward, args=(one, other), daemon=True).start()

    def forward(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), closing(other):
            while data := one.recv(65536):
                if not self.stopped.is_set():
                    other.sendall(data)


@pytest.fixture
def proxy(database_url: str) -> Iterator[Proxy]:
    url = make_url(database_url)
    proxy = Proxy(url.host or "127.0.0.1", url.port or 5432)
    yield proxy
    proxy.listener.close()


@pytest.fixture
def site(proxy: Proxy, clean_database: str, make_app: Callable[..., Application]) -> Application:
    url = make_url(clean_database).set(host="127.0.0.1", port=proxy.port)
    address = url.render_as_string(hide_password=False)
    return make_app(slow, DATABASE_URL=address, DATABASE_TIMEOUT="2s", STATEMENT_TIMEOUT="1s")


def assert_unavailable_within(seconds: float, application: Application, method: str) -> None:
    began = monotonic()
    response = visitor(application).open("/sleep/0", method=method)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert monotonic() - began < seconds


def test_a_slow_statement_is_stopped_by_the_server(site: Application) -> None:
    began = monotonic()
    assert visitor(site).get("/sleep/30").status_code == 503
    assert monotonic() - began < 2.5


def test_the_connection_works_after_a_slow_statement(site: Application) -> None:
    visitor(site).get("/sleep/30")
    assert visitor(site).get("/sleep/0").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_forwards_nothing_is_closed(
    method: str, site: Application, proxy: Proxy
) -> None:
    site.extensions["csrf"].exempt(slow)
    assert visitor(site).open("/sleep/0", method=method).status_code == 200
    proxy.stopped.set()
    assert_unavailable_within(5, site, method)


def test_the_site_recovers_with_the_network(site: Application, proxy: Proxy) -> None:
    proxy.stopped.set()
    assert_unavailable_within(5, site, "GET")
    proxy.stopped.clear()
    assert visitor(site).get("/sleep/0").status_code == 200


def test_a_server_that_accepts_and_never_responds_is_given_up(
    make_app: Callable[..., Application], is_postgresql: bool
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://127.0.0.1:{port}/lockstep"
        assert_unavailable_within(
            4, make_app(slow, DATABASE_URL=url, DATABASE_TIMEOUT="2s"), "GET"
        )
