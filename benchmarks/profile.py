"""`make profile`: where a page or a write spends its time, in microseconds of CPU.

The application runs here, without a server in front, and a timer looks every millisecond of CPU
what it is doing: once by the part of ours that asked for it, once by the package that does it.
"""

import argparse
import cProfile
import io
import logging
import os
import pstats
import signal
import sys
import tempfile  # part: monitoring
import time
from collections import Counter
from collections.abc import Callable
from html import unescape
from importlib import import_module
from pathlib import Path
from types import FrameType
from urllib.parse import urlencode

from benchmarks.browser import FORM, TOKEN
from benchmarks.databases import new_database

ROOT = str(Path(__file__).parent.parent)
ADDRESS, PASSWORD = "person-0@example.com", "correct horse battery staple"
INTERVAL = 0.001
TARGETS = ["lean", "lockstep", "minimal", "lockstep_minimal"]


def our_part(frame: FrameType | None) -> str:
    """Return the innermost file of ours on the stack."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOT) and "site-packages" not in name and name != __file__:
            return name.removeprefix(f"{ROOT}/")
        frame = frame.f_back
    return "the server's side"


def package(frame: FrameType | None) -> str:
    """Return the package that is running: that of the innermost file that belongs to one."""
    while frame is not None:
        name = frame.f_code.co_filename
        if "site-packages/" in name:
            return name.partition("site-packages/")[2].partition("/")[0].removesuffix(".py")
        if name.startswith(ROOT):
            return "templates" if name.endswith((".html", ".txt")) else "app"
        frame = frame.f_back
    return "Python"


class DiscardedLines(io.StringIO):
    def write(self, said: str) -> int:
        return len(said)


class Samples:
    """What was seen while the block ran."""

    def __init__(self) -> None:
        self.by_part: Counter[str] = Counter()
        self.by_package: Counter[str] = Counter()

    def look(self, number: int, frame: FrameType | None) -> None:
        self.by_part[our_part(frame)] += 1
        self.by_package[package(frame)] += 1

    def __enter__(self) -> "Samples":
        signal.signal(signal.SIGPROF, self.look)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)


def make_request(target: str, path: str, *, write: bool) -> Callable[[], bytes]:
    """Return a function that requests a page, or sends its form, through the whole application.

    The user is signed in, except on /login.
    """
    # Only now: it reads the environment.
    module = import_module(f"benchmarks.targets.{target}")
    app = module.app
    module.prepare([ADDRESS], PASSWORD)
    if target.startswith("lockstep"):
        # What is logged is made, and not shown.
        logging.getLogger("app").handlers[0].setStream(DiscardedLines())
    browser = app.test_client()
    token = TOKEN.search(browser.get("/login").text)[2]
    fields = {"email": ADDRESS, "password": PASSWORD, "csrf_token": token}
    if not path.startswith("/login"):
        browser.post("/login", data=fields)
    page = browser.get(path)
    environ = page.request.environ
    cookies = "; ".join(f"{it.key}={it.value}" for it in browser._cookies.values())
    kept = {name: it for name, it in environ.items() if not name.startswith(("werkzeug", "flask"))}
    kept |= {"HTTP_COOKIE": cookies}
    form = b""
    if write:
        name, value = TOKEN.search(page.text).groups()
        form = urlencode({name: unescape(value), "text": "Thank you"}).encode()
        kept |= {"REQUEST_METHOD": "POST", "CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(len(form))}

    def ask() -> bytes:
        environ = kept | {"wsgi.input": io.BytesIO(form)}
        answer = app.wsgi_app(environ, lambda status, headers, *rest: lambda data: None)
        try:
            return b"".join(answer)
        finally:
            answer.close()

    return ask


def cost(ask: Callable[[], bytes], seconds: float) -> float:
    """Return the microseconds of CPU of one request: the least of several tries."""
    until = time.monotonic() + seconds
    tries = []
    while time.monotonic() < until:
        began = time.process_time()
        for _ in range(50):
            ask()
        tries.append((time.process_time() - began) / 50)
    return min(tries) * 1e6


def count_calls(ask: Callable[[], bytes], requests: int = 50) -> float:
    """Return the function calls of one request, which do not depend on the load."""
    counting = cProfile.Profile()
    counting.enable()
    for _ in range(requests):
        ask()
    counting.disable()
    return sum(calls for _, calls, *_ in pstats.Stats(counting).stats.values()) / requests


def show(title: str, counted: Counter[str], total: float, most: int) -> None:
    print(f"\n{title}\n")
    for name, count in counted.most_common(most):
        print(f"{count / counted.total() * total:8.0f} µs  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile")
    parser.add_argument("path", nargs="?", default="/feedback")
    parser.add_argument("--write", action="store_true", help="send the form of the page")
    parser.add_argument("--target", default="lockstep", choices=TARGETS)
    parser.add_argument("--database", default="postgresql", choices=["postgresql", "sqlite"])
    parser.add_argument("--calls", action="store_true", help="only count the function calls")
    parser.add_argument("--seconds", type=float, default=5)
    given = parser.parse_args()
    with (
        new_database(given.database, "profile") as url,
        tempfile.TemporaryDirectory() as folder,  # part: monitoring
    ):
        os.environ |= {
            "DATABASE_URL": url,
            "SECRET_KEY": "for the benchmark only, 0123456789abcdef",
            "RATE_LIMITS_ENABLED": "0",
            "JOB_THREADS": "0",
            "PROMETHEUS_MULTIPROC_DIR": folder,  # part: monitoring
            "LOG_LEVEL": "INFO",
        }
        ask = make_request(given.target, given.path, write=given.write)
        total = cost(ask, given.seconds)
        if given.calls:
            print(f"{given.path}: {count_calls(ask):.0f} function calls")
            return
        until = time.monotonic() + given.seconds
        with Samples() as samples:
            while time.monotonic() < until:
                ask()
    print(f"{given.path}: {total:.0f} µs of CPU", file=sys.stdout)
    show("By the file of ours that asked for it:", samples.by_part, total, 40)
    show("By the package that did it:", samples.by_package, total, 20)


if __name__ == "__main__":
    main()
