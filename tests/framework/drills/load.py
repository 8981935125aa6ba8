"""Simulated users under load, with a record of every response they get."""

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
RESPONSE_TIMEOUT = 20  # seconds
PAUSE = 0.02  # seconds between two requests of one user
NAMES_PER_LOGIN = 10
UNANSWERED = 0


class Browser:
    """One browser with its cookies, and a user agent that identifies its login session."""

    def __init__(self, url: str, user_agent: str, trust: SSLContext | None = None) -> None:
        self.url = url
        self.trust = trust
        self.user_agent = user_agent
        self.cookies: dict[str, str] = {}

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a GET, or a POST with these fields; return status and page, or UNANSWERED."""
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
        url = urlsplit(self.url)
        if url.scheme == "https":
            return HTTPSConnection(url.netloc, timeout=RESPONSE_TIMEOUT, context=self.trust)
        return HTTPConnection(url.netloc, timeout=RESPONSE_TIMEOUT)

    def headers(self) -> dict[str, str]:
        return {
            "User-Agent": self.user_agent,
            "Referer": self.url,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }


@dataclass
class User:
    """Signs in, changes the display name several times, and signs in again."""

    url: str
    email: str
    stop: Event
    trust: SSLContext | None
    statuses: Counter[int] = field(default_factory=Counter)
    # The time of the response to each successful write, in seconds of the monotonic clock.
    acknowledged_at: list[float] = field(default_factory=list)
    signed_in_as: list[str] = field(default_factory=list)
    tried_to_sign_in_as: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    name_acknowledged: str = ""

    def work(self) -> None:
        while not self.stop.is_set():
            number = len(self.tried_to_sign_in_as)
            browser = Browser(self.url, f"{self.email} for the {number}th time", self.trust)
            if self.sign_in(browser):
                self.change_name(browser)
            sleep(PAUSE)

    def sign_in(self, browser: Browser) -> bool:
        token = self.token(browser, "/login")
        if not token:
            return False
        self.tried_to_sign_in_as.append(browser.user_agent)
        done = self.post(browser, "/login", email=self.email, password=PASSWORD, csrf_token=token)
        if done:
            self.signed_in_as.append(browser.user_agent)
        return done

    def change_name(self, browser: Browser) -> None:
        """Change the name several times; stop if signed out or if the site is down."""
        token = self.token(browser, "/account")
        for _ in range(NAMES_PER_LOGIN if token else 0):
            name = f"{self.email} {len(self.names)}"
            self.names.append(name)
            if self.stop.is_set() or not self.post(
                browser, "/account", display_name=name, csrf_token=token
            ):
                return
            self.name_acknowledged = name
            sleep(PAUSE)

    def post(self, browser: Browser, path: str, **fields: str) -> bool:
        status, _ = browser.send(path, **fields)
        self.statuses[status] += 1
        if status == 303:
            self.acknowledged_at.append(monotonic())
        return status == 303

    def token(self, browser: Browser, path: str) -> str:
        status, page = browser.send(path)
        self.statuses[status] += 1
        found = TOKEN.search(page) if status == 200 else None
        return found[1] if found else ""


@dataclass
class Load:
    """All users at work at the same time."""

    users: list[User]
    fault_began_at: float = 0.0
    fault_ended_at: float = 0.0

    @property
    def acknowledged_at(self) -> list[float]:
        return sorted(moment for user in self.users for moment in user.acknowledged_at)

    @property
    def statuses(self) -> Counter[int]:
        return sum((user.statuses for user in self.users), Counter())

    def wait_for(self, writes: int) -> None:
        """Wait for so many more acknowledged writes. Raises AssertionError after 30 seconds."""
        wanted = len(self.acknowledged_at) + writes
        until = monotonic() + 30
        while len(self.acknowledged_at) < wanted:
            assert monotonic() < until, f"The site did not recover: {self.statuses}"
            sleep(0.05)

    def during(self, fault: Callable[[], object]) -> None:
        """Wait for load, run the fault, and wait for recovery. `fault` must also repair it."""
        self.wait_for(30)
        self.fault_began_at = monotonic()
        fault()
        self.fault_ended_at = monotonic()
        self.wait_for(30)

    @property
    def recovery(self) -> float:
        """Return the seconds from the repair to the first acknowledged write."""
        return (
            next(at for at in self.acknowledged_at if at > self.fault_ended_at)
            - self.fault_ended_at
        )

    @property
    def longest_gap(self) -> float:
        """Return the longest time, in seconds, without an acknowledged write."""
        at = self.acknowledged_at
        return max(after - before for before, after in pairwise(at))


@contextmanager
def users_at_work(url: str, emails: list[str], trust: SSLContext | None = None) -> Iterator[Load]:
    stop = Event()
    load = Load([User(url, email, stop, trust) for email in emails])
    threads = [Thread(target=user.work) for user in load.users]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
