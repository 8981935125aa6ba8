"""A server in a thread, and HTTP clients whose cookies can be copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from werkzeug.serving import make_server

from app.application import Application
from tests.page import Page


@contextmanager
def serving(application: Application) -> Iterator[int]:
    """Serve on a free port in this process, one thread per connection; yield the port.

    A test can set the clock of the application forward, as in every other test.
    """
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Response:
    status: int
    headers: HTTPMessage
    text: str


@dataclass
class Browser:
    """An HTTP client with a new connection per request, and its cookies in a dict."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Browser":
        """Return another browser with a copy of all cookies."""
        return Browser(self.port, dict(self.cookies))

    def get(self, path: str) -> Response:
        return self.request("GET", path)

    def post(self, path: str, **fields: Any) -> Response:
        return self.request("POST", path, urlencode(fields))

    def submit(self, path: str, form: str | None = None, **fields: Any) -> Response:
        """Send the main form of a page with `fields` filled in, to the path `form` if given."""
        page = Page(self.get(path).text)
        return self.post(form or path, **(page.fields_for(path) | fields))

    def request(self, method: str, path: str, body: str | None = None) -> Response:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": "; ".join(f"{name}={self.cookies[name]}" for name in self.cookies)}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        received = connection.getresponse()
        response = Response(received.status, received.headers, received.read().decode())
        connection.close()
        self.store_cookies(response.headers.get_all("Set-Cookie") or [])
        return response

    def store_cookies(self, sent: list[str]) -> None:
        for line in sent:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
