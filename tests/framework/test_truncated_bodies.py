"""R14: a body that ends before its Content-Length is a 400, and nothing is saved."""

import socket
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from app.users.models import User
from tests.conftest import PASSWORD
from tests.page import Page
from tests.server import Browser, serving
from tests.serving import Server
from tests.view_site import Site, run

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
FILE = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    + b"x" * 1000
    + b"\r\n--b--\r\n"
)
BODIES = {
    "form": ("/unread", FORM, b"name=Bartholomew"),
    "json": ("/json", "application/json", b'{"name": "Bartholomew"}'),
    "json followed by spaces": ("/json", "application/json", b'{"a": 1}      '),
    "unread json": ("/unread", "application/json", b'{"name": "Bartholomew"}'),
    "unread bytes": ("/unread", "application/octet-stream", b"x" * 1000),
    "no type": ("/unread", "", b"x" * 1000),
    "file": ("/upload", MULTIPART, FILE),
    "stream": ("/upload", "application/octet-stream", b"x" * 1000),
}


def exchange(port: int, sent: bytes) -> str:
    """Send a request, close the sending side, and return the response."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def post(port: int, path: str, kind: str, body: bytes, *, lost: int, **headers: str) -> str:
    """Send all but the last `lost` bytes of a body."""
    fixed = {"Host": "localhost", "Content-Length": str(len(body)), "Connection": "close"}
    fixed |= {"Content-Type": kind} if kind else {}
    lines = [f"{name}: {value}\r\n" for name, value in (fixed | headers).items()]
    head = f"POST {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()
    return exchange(port, head + body[: len(body) - lost])


def fill_in(browser: Browser, path: str, lost: int, **typed: str) -> str:
    """Send the form of a page, without its last bytes."""
    fields = Page(browser.get(path).text).fields_for(path)
    fields.pop(last := next(iter(typed)), None)
    body = urlencode(fields | {last: typed[last]}).encode()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return post(browser.port, path, FORM, body, lost=lost, Cookie=cookies)


def port_of(server: Server) -> int:
    return urlsplit(server.url).port or 0


def status(response: str) -> int:
    return int(response.split()[1])


@pytest.fixture
def browser(gunicorn: Callable[..., Server]) -> Browser:
    return Browser(port_of(gunicorn()))


def test_a_truncated_name_is_not_saved(browser: Browser, alice: User, clean_database: str) -> None:
    browser.submit("/login", email="alice@example.com", password=PASSWORD)
    response = fill_in(browser, "/account", 2, display_name="Bartholomew")
    assert status(response) == 400
    assert run(clean_database, "SELECT display_name FROM users") == [("",)]
    response = fill_in(browser, "/account", 0, display_name="Bartholomew")
    assert status(response) == 303
    assert run(clean_database, "SELECT display_name FROM users") == [("Bartholomew",)]


def test_a_truncated_registration_is_rejected(browser: Browser, clean_database: str) -> None:
    response = fill_in(browser, "/register", 3, email="carol@example.com.example")
    assert status(response) == 400
    assert run(clean_database, "SELECT * FROM mailed_links") == []
    assert run(clean_database, "SELECT * FROM outbox") == []


def test_a_truncated_password_does_not_use_up_the_reset_link(
    browser: Browser, alice: User, clean_database: str
) -> None:
    browser.submit("/reset", email="alice@example.com")
    [(text,)] = run(clean_database, "SELECT text FROM outbox")
    path = next(urlsplit(word).path for word in text.split() if "/reset/" in word)
    before = run(clean_database, "SELECT password_hash FROM users")
    response = fill_in(browser, path, 6, password="a new passphrase of alice")
    assert status(response) == 400
    assert run(clean_database, "SELECT password_hash FROM users") == before
    assert len(run(clean_database, "SELECT * FROM mailed_links")) == 1
    assert status(fill_in(browser, path, 0, password="a new passphrase of alice")) == 303


@pytest.mark.parametrize("lost", [0, 1, 7])
def test_a_truncated_body_of_any_type_is_rejected(
    gunicorn: Callable[..., Server], clean_database: str, lost: int
) -> None:
    port = port_of(gunicorn("tests.framework.bodies_app:app"))
    for name, (path, kind, body) in BODIES.items():
        response = post(port, path, kind, body, lost=lost)
        assert status(response) == (400 if lost else 201), name
    saved = run(clean_database, "SELECT email FROM users")
    assert len(saved) == (0 if lost else len(BODIES))


CHUNKED = (
    b"POST /unread HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        (b"5\r\na=bcd\r\n0\r\n\r\n", 201),
        (b"5\r\na=bcd\r\n0\r\n", 400),
        (b"5\r\na=bcd\r\n", 400),
        (b"5\r\na=b", 400),
        (b"5", 400),
        (b"", 400),
        (b"5\r\na=bcd\r\n0\r\nno header\r\n\r\n", 400),
    ],
)
def test_a_chunked_body_without_its_last_chunk_is_rejected(
    gunicorn: Callable[..., Server], clean_database: str, chunks: bytes, expected: int
) -> None:
    server = gunicorn("tests.framework.bodies_app:app")
    assert status(exchange(port_of(server), CHUNKED + chunks)) == expected
    saved = run(clean_database, "SELECT email FROM users")
    assert len(saved) == (expected == 201)
    assert "Traceback" not in server.log


@pytest.mark.parametrize("lost", [0, 1])
def test_the_development_server_rejects_truncated_bodies_too(site: Site, lost: int) -> None:
    @site.view()
    def act() -> tuple[str, int]:
        return "", 201

    with serving(site.app) as port:
        response = post(port, "/act", FORM, b"name=Bartholomew", lost=lost)
    assert status(response) == (400 if lost else 201)


class Broken:
    """Raises at the end, like uWSGI's input when the client has disconnected."""

    def __init__(self, body: bytes) -> None:
        self.stream = BytesIO(body)
        self.seek = self.stream.seek

    def read(self, size: int = -1) -> bytes:
        sent = self.stream.read(size)
        if not sent:
            raise OSError("error during read")
        return sent


@pytest.mark.parametrize(
    "environ",
    [
        {"wsgi.input": BytesIO(b"a=b"), "wsgi.input_terminated": True},
        {"wsgi.input": BytesIO(b"a=b"), "wsgi.input_terminated": False},
        {"wsgi.input": BytesIO(b"a=b")},
        {"wsgi.input": Broken(b"a=b")},
    ],
    ids=["gunicorn and granian", "unsure", "wsgiref", "uwsgi"],
)
def test_truncated_bodies_are_rejected_behind_any_server(
    site: Site, environ: dict[str, Any]
) -> None:
    @site.view()
    def act() -> tuple[str, int]:
        return "", 201

    environ["wsgi.input"].seek(0)
    response = site.post(
        environ_overrides={**environ, "CONTENT_LENGTH": "9", "CONTENT_TYPE": FORM}
    )
    assert response.status_code == 400
    environ["wsgi.input"].seek(0)
    response = site.post(
        environ_overrides={**environ, "CONTENT_LENGTH": "3", "CONTENT_TYPE": FORM}
    )
    assert response.status_code == 201
