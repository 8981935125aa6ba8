"""A client that keeps cookies, fills in forms and checks responses."""

import re
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from benchmarks.sites import PASSWORD

TOKEN = re.compile(r'<input[^>]*name="(csrf\w*)"[^>]*value="([^"]+)"')
EMAIL_FIELD = re.compile(r'<input[^>]*name="(email|username)"')
OK = (200,)
# After a form: most frameworks send 302; Lockstep sends 303, as RFC 9110, 15.4.4, describes.
REDIRECTS = (302, 303)
FORM_TYPE = "application/x-www-form-urlencoded"


class UnexpectedResponse(AssertionError):
    """A target sent another response than the benchmark compares."""


@dataclass
class Request:
    """A request and the response that is expected: one of these statuses, containing a text."""

    path: str
    statuses: tuple[int, ...]
    expected_text: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class Browser:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, request: Request) -> str:
        """Send the request, store cookies and return the page. Raises UnexpectedResponse."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(request.method, request.path, request.body or None, request.headers)
            response = connection.getresponse()
            page = response.read().decode()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        if response.status not in request.statuses or request.expected_text not in page:
            raise UnexpectedResponse(f"{request.method} {request.path}: {response.status}\n{page}")
        return page

    @property
    def headers(self) -> dict[str, str]:
        if not self.cookies:
            return {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def make_get(self, path: str, expected_text: str) -> Request:
        return Request(path, OK, expected_text, headers=self.headers)

    def make_post(self, page: str, path: str, **fields: str) -> Request:
        """Return the request that submits the form of this page, with its CSRF token."""
        token = TOKEN.search(page)
        if token:
            fields[token[1]] = unescape(token[2])
        headers = self.headers | {"Content-Type": FORM_TYPE}
        return Request(path, REDIRECTS, "", "POST", headers, urlencode(fields))

    def sign_in(self, email: str) -> Request:
        """Sign in twice, and return the second POST.

        The second one is sent from a known device with a new cookie session, as after signing out.
        """
        for _ in range(2):
            self.cookies = {name: it for name, it in self.cookies.items() if "device" in name}
            page = self.send(self.make_get("/login", "Sign in"))
            name = EMAIL_FIELD.search(page)[1]
            post = self.make_post(page, "/login", **{name: email, "password": PASSWORD})
            self.send(post)
        return post
