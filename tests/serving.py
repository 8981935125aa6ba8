"""The site as it is served: a real gunicorn, in a process of its own."""

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
PATIENCE = 30  # seconds for a start on a busy machine
SECRET = "for the tests only, 0123456789abcdef"


class Server:
    """A running server; `log` is what it has said so far."""

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
        """Return what the application logged, and leave out what gunicorn says of itself."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    @property
    def url(self) -> str:
        """Return where it listens, once it does; raise AssertionError if it never will."""
        self.wait_for(r"Booting worker")
        return self.wait_for(r"Listening at: (\S+)")[1]

    def wait_for(self, words: str) -> re.Match[str]:
        until = monotonic() + PATIENCE
        while monotonic() < until:
            if match := re.search(words, self.log):
                return match
            assert self.process.poll() is None, f"The server has stopped:\n{self.log}"
            sleep(0.02)
        raise AssertionError(f"The server never said {words!r}:\n{self.log}")

    def stop(self) -> int:
        """Ask it to stop as a platform does, and return how it ended."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", *words]


def environment(**settings: str) -> dict[str, str]:
    """Return a production environment: these settings, and nothing of the developer's own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "WEB_CONCURRENCY": "2", "SECRET_KEY": SECRET, **settings}


@pytest.fixture
def gunicorn(clean_database: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Serve the site: gunicorn(APP_NAME="…").url. Another application: gunicorn("module:app")."""
    servers: list[Server] = []

    def serve(application: str = "wsgi:app", **settings: str) -> Server:
        path = tmp_path / f"gunicorn-{len(servers)}.log"
        given = environment(**{"DATABASE_URL": clean_database, **settings})
        servers.append(Server(path, application, given))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()
