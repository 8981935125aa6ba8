"""Somebody who signs in: reads the forms as they stand and keeps the cookies."""

import re
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from benchmarks.sites import PASSWORD

TOKEN = re.compile(r'<input[^>]*name="(csrf\w*)"[^>]*value="([^"]+)"')
ADDRESS_FIELD = re.compile(r'<input[^>]*name="(email|username)"')
OK = (200,)
# After a form: 302 is what most frameworks say, 303 what the standard has for it.
REDIRECTS = (302, 303)
FORM = "application/x-www-form-urlencoded"


class WrongPage(AssertionError):
    """A target did not answer what it was compared for."""


@dataclass
class Request:
    """What is sent again and again, and how the right answer is known."""

    path: str
    statuses: tuple[int, ...]
    says: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class Browser:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, request: Request) -> str:
        """Send it, keep the cookies of the answer and return the page. Raises WrongPage."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(request.method, request.path, request.body or None, request.headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        if answer.status not in request.statuses or request.says not in page:
            raise WrongPage(f"{request.method} {request.path}: {answer.status}\n{page}")
        return page

    @property
    def headers(self) -> dict[str, str]:
        if not self.cookies:
            return {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def see(self, path: str, says: str) -> Request:
        return Request(path, OK, says, headers=self.headers)

    def form(self, page: str, path: str, **fields: str) -> Request:
        """Return the form on this page as it is sent, filled in."""
        token = TOKEN.search(page)
        if token:
            fields[token[1]] = unescape(token[2])
        headers = self.headers | {"Content-Type": FORM}
        return Request(path, REDIRECTS, "", "POST", headers, urlencode(fields))

    def sign_in(self, address: str) -> Request:
        """Sign in twice, and return the request that did it the second time.

        As from a browser that is known and signed out: its session is a new visitor's.
        """
        for _ in range(2):
            self.cookies = {name: it for name, it in self.cookies.items() if "device" in name}
            page = self.send(self.see("/login", "Sign in"))
            name = ADDRESS_FIELD.search(page)[1]
            form = self.form(page, "/login", **{name: address, "password": PASSWORD})
            self.send(form)
        return form
