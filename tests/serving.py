"""Run the application with gunicorn in another process, as in production."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
TIMEOUT = 30  # seconds, enough for a start on a busy machine
SECRET = "for the tests only, 0123456789abcdef"


class Server:
    """A running server. `log` is its output so far."""

    def __init__(
        self, path: Path, application: str, environment: dict[str, str], port: int = 0
    ) -> None:
        self.path = path
        self.application = application
        with path.open("w") as log:
            self.process = subprocess.Popen(
                command("--bind", f"127.0.0.1:{port}", application),
                stderr=log,
                cwd=ROOT,
                env=environment,
            )

    @property
    def log(self) -> str:
        return self.path.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the log lines of the application, without those of gunicorn."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    @property
    def url(self) -> str:
        """Wait for the start and return the URL. Raises AssertionError if the start failed."""
        self.wait_for(r"Booting worker")
        return self.wait_for(r"Listening at: (\S+)")[1]

    def wait_for(self, pattern: str) -> re.Match[str]:
        until = monotonic() + TIMEOUT
        while monotonic() < until:
            if match := re.search(pattern, self.log):
                return match
            assert self.process.poll() is None, f"The server has stopped:\n{self.log}"
            sleep(0.02)
        raise AssertionError(f"The server did not log {pattern!r}:\n{self.log}")

    def stop(self) -> int:
        """Send SIGTERM, as a platform does, and return the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(TIMEOUT)


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", *args]


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a production process, without the developer's settings."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**inherited, "WEB_CONCURRENCY": "2", "SECRET_KEY": SECRET, **settings}


@pytest.fixture
def gunicorn(clean_database: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server: gunicorn(APP_NAME="…").url, or gunicorn("module:app").url."""
    servers: list[Server] = []

    def serve(application: str = "wsgi:app", **settings: str) -> Server:
        path = tmp_path / f"gunicorn-{len(servers)}.log"
        variables = environment(**{"DATABASE_URL": clean_database, **settings})
        servers.append(Server(path, application, variables))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()
