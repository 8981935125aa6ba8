"""A real server with real workers, and browsers that reach it over the network."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tests.page import Page

ROOT = Path(__file__).parent.parent
LISTENS = re.compile(r"Listening at: (http://\S+)")


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    log_file: Path
    url: str = ""

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def wait_for(self, pattern: re.Pattern[str], seconds: float = 20) -> str:
        """Return what the pattern's group finds in the log, once it is there."""
        end = time.monotonic() + seconds
        while not (match := pattern.search(self.log)):
            assert self.process.poll() is None, f"gunicorn stopped:\n{self.log}"
            assert time.monotonic() < end, f"gunicorn did not say {pattern.pattern}:\n{self.log}"
            time.sleep(0.02)
        return match[1]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def serve(folder: Path, module: str = "wsgi:app", **settings: str) -> Iterator[Server]:
    """Run gunicorn as it is run in production, on a port that is free, and stop it at the end."""
    environment = {**os.environ, "SECRET_KEY": "for the tests only, 0123456789abcdef", **settings}
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", module]
    log_file = folder / "gunicorn.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    server = Server(process, log_file)
    try:
        server.url = server.wait_for(LISTENS)
        yield server
    finally:
        server.stop()


class Browser:
    """A person's browser: keeps cookies, follows redirects, sends forms as they stand."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, **form: str) -> tuple[int, str]:
        data = urlencode(form).encode() if form else None
        try:
            response: Any = self.opener.open(self.url + path, data, timeout=30)
        except HTTPError as error:
            response = error
        with response:
            return response.status or 0, response.read().decode()

    def submit(self, path: str, /, **fields: str) -> tuple[int, str]:
        """Send a form as it stands on its page, with `fields` filled in."""
        return self.open(path, **Page(self.open(path)[1]).fields_for(path) | fields)
