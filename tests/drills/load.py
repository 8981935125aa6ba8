"""People at work: every answer they get is kept, and held against the database afterwards."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.cookies import SimpleCookie
from itertools import pairwise
from ssl import SSLContext
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import urlencode, urlsplit

PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PATIENCE = 20  # seconds a browser waits for an answer
THINKS = 0.02  # seconds between two requests of one person
LEAVES_AFTER = 10  # names, and then signs in anew
UNANSWERED = 0


class Browser:
    """One browser: its cookies, and how it is told apart in the table of logins."""

    def __init__(self, url: str, user_agent: str, trust: SSLContext | None = None) -> None:
        self.url = url
        self.trust = trust
        self.user_agent = user_agent
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a GET, or a POST with these fields; return status and page, 0 for no answer."""
        connection = self.connection()
        try:
            connection.request(
                "POST" if fields else "GET", path, urlencode(fields), self.headers()
            )
            response = connection.getresponse()
            page = response.read().decode()
        except (OSError, HTTPException):
            return UNANSWERED, ""
        finally:
            connection.close()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: crumb.value for name, crumb in SimpleCookie(header).items()}
        return response.status, page

    def connection(self) -> HTTPConnection:
        where = urlsplit(self.url)
        if where.scheme == "https":
            return HTTPSConnection(where.netloc, timeout=PATIENCE, context=self.trust)
        return HTTPConnection(where.netloc, timeout=PATIENCE)

    def headers(self) -> dict[str, str]:
        return {
            "User-Agent": self.user_agent,
            "Referer": self.url,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }


@dataclass
class Person:
    """Signs in, changes their name again and again, and signs in anew."""

    url: str
    email: str
    stop: Event
    trust: SSLContext | None
    statuses: Counter[int] = field(default_factory=Counter)
    # When each write was answered with success, in seconds of the monotonic clock.
    acknowledged_at: list[float] = field(default_factory=list)
    signed_in_as: list[str] = field(default_factory=list)
    tried_to_sign_in_as: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    name_acknowledged: str = ""

    def work(self) -> None:
        while not self.stop.is_set():
            number = len(self.tried_to_sign_in_as)
            browser = Browser(self.url, f"{self.email} for the {number}th time", self.trust)
            if self.signs_in(browser):
                self.changes_name(browser)
            sleep(THINKS)

    def signs_in(self, browser: Browser) -> bool:
        token = self.token(browser, "/login")
        if not token:
            return False
        self.tried_to_sign_in_as.append(browser.user_agent)
        done = self.post(browser, "/login", email=self.email, password=PASSWORD, csrf_token=token)
        if done:
            self.signed_in_as.append(browser.user_agent)
        return done

    def changes_name(self, browser: Browser) -> None:
        """Change it some times; stop where signed out or where the site is away."""
        token = self.token(browser, "/account")
        for _ in range(LEAVES_AFTER if token else 0):
            name = f"{self.email} {len(self.names)}"
            self.names.append(name)
            if self.stop.is_set() or not self.post(
                browser, "/account", display_name=name, csrf_token=token
            ):
                return
            self.name_acknowledged = name
            sleep(THINKS)

    def post(self, browser: Browser, path: str, **fields: str) -> bool:
        status, _ = browser.ask(path, **fields)
        self.statuses[status] += 1
        if status == 303:
            self.acknowledged_at.append(monotonic())
        return status == 303

    def token(self, browser: Browser, path: str) -> str:
        status, page = browser.ask(path)
        self.statuses[status] += 1
        found = TOKEN.search(page) if status == 200 else None
        return found[1] if found else ""


@dataclass
class Load:
    """Everybody at work at once."""

    people: list[Person]
    broken_at: float = 0.0
    mended_at: float = 0.0

    @property
    def acknowledged_at(self) -> list[float]:
        return sorted(moment for person in self.people for moment in person.acknowledged_at)

    @property
    def statuses(self) -> Counter[int]:
        return sum((person.statuses for person in self.people), Counter())

    def wait_for(self, writes: int) -> None:
        """Wait until so many more writes were acknowledged; raise AssertionError if none come."""
        wanted = len(self.acknowledged_at) + writes
        until = monotonic() + 30
        while len(self.acknowledged_at) < wanted:
            assert monotonic() < until, f"The site did not come back: {self.statuses}"
            sleep(0.05)

    def during(self, fault: Callable[[], object]) -> None:
        """Break something under load, and mend it before this returns; then wait for recovery."""
        self.wait_for(30)
        self.broken_at = monotonic()
        fault()
        self.mended_at = monotonic()
        self.wait_for(30)

    @property
    def recovery(self) -> float:
        """Return how many seconds passed between the mending and the first write after it."""
        return next(at for at in self.acknowledged_at if at > self.mended_at) - self.mended_at

    @property
    def longest_silence(self) -> float:
        """Return the longest time, in seconds, in which nobody's write was acknowledged."""
        at = self.acknowledged_at
        return max(after - before for before, after in pairwise(at))


@contextmanager
def people_at_work(url: str, emails: list[str], trust: SSLContext | None = None) -> Iterator[Load]:
    stop = Event()
    load = Load([Person(url, email, stop, trust) for email in emails])
    threads = [Thread(target=person.work) for person in load.people]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
