"""`make profile`: show where a page or a write spends its CPU time, in microseconds.

The application runs in this process, without a server. A timer samples the stack at each
millisecond of CPU time, and counts samples by file of the application and by package.
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

from benchmarks.browser import FORM_TYPE, TOKEN
from benchmarks.databases import new_database

ROOT = str(Path(__file__).parent.parent)
EMAIL, PASSWORD = "person-0@example.com", "correct horse battery staple"
INTERVAL = 0.001
TARGETS = ["lean", "lockstep", "minimal", "lockstep_minimal"]


def innermost_file(frame: FrameType | None) -> str:
    """Return the innermost file of this project on the stack."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOT) and "site-packages" not in name and name != __file__:
            return name.removeprefix(f"{ROOT}/")
        frame = frame.f_back
    return "outside the project"


def innermost_package(frame: FrameType | None) -> str:
    """Return the package of the innermost file on the stack that belongs to one."""
    while frame is not None:
        name = frame.f_code.co_filename
        if "site-packages/" in name:
            return name.partition("site-packages/")[2].partition("/")[0].removesuffix(".py")
        if name.startswith(ROOT):
            return "templates" if name.endswith((".html", ".txt")) else "app"
        frame = frame.f_back
    return "Python"


class DiscardingStream(io.StringIO):
    def write(self, text: str) -> int:
        return len(text)


class Samples:
    """Samples of the stack, taken while the block runs."""

    def __init__(self) -> None:
        self.by_file: Counter[str] = Counter()
        self.by_package: Counter[str] = Counter()

    def record(self, number: int, frame: FrameType | None) -> None:
        self.by_file[innermost_file(frame)] += 1
        self.by_package[innermost_package(frame)] += 1

    def __enter__(self) -> "Samples":
        signal.signal(signal.SIGPROF, self.record)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)


def make_request(target: str, path: str, *, write: bool) -> Callable[[], bytes]:
    """Return a function that requests a page, or submits its form, from the WSGI application.

    The user is signed in, except on /login.
    """
    # Imported late, because it reads the environment.
    module = import_module(f"benchmarks.targets.{target}")
    app = module.app
    module.prepare([EMAIL], PASSWORD)
    if target.startswith("lockstep"):
        # Lines are formatted, as in production, but not printed.
        logging.getLogger("app").handlers[0].setStream(DiscardingStream())
    browser = app.test_client()
    token = TOKEN.search(browser.get("/login").text)[2]
    fields = {"email": EMAIL, "password": PASSWORD, "csrf_token": token}
    if not path.startswith("/login"):
        browser.post("/login", data=fields)
    page = browser.get(path)
    environ = page.request.environ
    cookies = "; ".join(f"{it.key}={it.value}" for it in browser._cookies.values())
    base_environ = {
        name: it for name, it in environ.items() if not name.startswith(("werkzeug", "flask"))
    }
    base_environ |= {"HTTP_COOKIE": cookies}
    form = b""
    if write:
        name, value = TOKEN.search(page.text).groups()
        form = urlencode({name: unescape(value), "text": "Thank you"}).encode()
        base_environ |= {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": FORM_TYPE,
            "CONTENT_LENGTH": str(len(form)),
        }

    def send_request() -> bytes:
        environ = base_environ | {"wsgi.input": io.BytesIO(form)}
        response = app.wsgi_app(environ, lambda status, headers, *rest: lambda data: None)
        try:
            return b"".join(response)
        finally:
            response.close()

    return send_request


def measure_cpu(send_request: Callable[[], bytes], seconds: float) -> float:
    """Return the CPU time of one request in microseconds: the minimum of several measurements."""
    deadline = time.monotonic() + seconds
    times = []
    while time.monotonic() < deadline:
        start = time.process_time()
        for _ in range(50):
            send_request()
        times.append((time.process_time() - start) / 50)
    return min(times) * 1e6


def count_calls(send_request: Callable[[], bytes], requests: int = 50) -> float:
    """Return the number of function calls per request, which other load does not change."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(requests):
        send_request()
    profile.disable()
    return sum(calls for _, calls, *_ in pstats.Stats(profile).stats.values()) / requests


def print_table(title: str, samples: Counter[str], total: float, limit: int) -> None:
    print(f"\n{title}\n")
    for name, count in samples.most_common(limit):
        print(f"{count / samples.total() * total:8.0f} µs  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile")
    parser.add_argument("path", nargs="?", default="/feedback")
    parser.add_argument("--write", action="store_true", help="submit the form of the page")
    parser.add_argument("--target", default="lockstep", choices=TARGETS)
    parser.add_argument("--database", default="postgresql", choices=["postgresql", "sqlite"])
    parser.add_argument("--calls", action="store_true", help="only count the function calls")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    with (
        new_database(options.database, "profile") as url,
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
        send_request = make_request(options.target, options.path, write=options.write)
        total = measure_cpu(send_request, options.seconds)
        if options.calls:
            print(f"{options.path}: {count_calls(send_request):.0f} function calls")
            return
        deadline = time.monotonic() + options.seconds
        with Samples() as samples:
            while time.monotonic() < deadline:
                send_request()
    print(f"{options.path}: {total:.0f} µs of CPU", file=sys.stdout)
    print_table("By file of this project:", samples.by_file, total, 40)
    print_table("By package:", samples.by_package, total, 20)


if __name__ == "__main__":
    main()
