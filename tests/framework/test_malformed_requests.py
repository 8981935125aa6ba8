"""Requests that gunicorn cannot parse, or that no browser sends."""

import json
import socket
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import urlopen

from tests.serving import Server

MALFORMED = {
    "negative length": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "huge length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "large cookie": b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=" + b"x" * 1_000_000 + b"\r\n\r\n",
    "invalid UTF-8 in the query": b"GET /login?\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a\0b\r\n\r\n",
    "invalid UTF-8 in a header": b"GET /login HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff\xfe\r\n\r\n",
    "a smuggled request": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
}


def send(url: str, raw: bytes) -> bytes:
    """Send raw bytes, and return the first line of the response."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as response:
            return response.readline()


def test_a_malformed_request_is_refused_and_logged_without_addresses(
    gunicorn: Callable[..., Server],
) -> None:
    server = gunicorn()
    url = server.url
    responses = {name: send(url, raw) for name, raw in MALFORMED.items()}
    codes = {name: int((line.split() or [b"", b"0"])[1]) for name, line in responses.items()}
    assert all(code < 500 for code in codes.values()), codes
    with urlopen(f"{url}/healthz") as response:  # noqa: S310  # our own server
        assert b"alive" in response.read()
    server.stop()
    assert "127.0.0.1" not in server.log.replace(url, "")
    assert all(json.loads(line) for line in server.log.splitlines())
