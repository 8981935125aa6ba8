"""Serve a target with gunicorn and sync workers, in the same way for all."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.databases import database_cpu
from benchmarks.machine import children, cpu_seconds, memory_megabytes

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse battery staple"  # of test users in temporary databases
EMAILS = [f"person-{number}@example.com" for number in range(50)]
# The environment variables that are passed to a target.
PASSED_VARIABLES = ("PATH", "HOME", "LANG", "PGSSLMODE", "PGGSSENCMODE")
START_TIMEOUT = 60  # seconds, enough on a busy machine


@dataclass
class Site:
    """A target with its database and its server process."""

    target: str
    database_url: str
    cheap_hashes: bool = False
    workers: int = 2
    port: int = field(default_factory=lambda: free_port())

    @property
    def environment(self) -> dict[str, str]:
        passed = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
        return passed | {
            "DATABASE_URL": self.database_url,
            "HASHING": "cheap" if self.cheap_hashes else "",
            "SECRET_KEY": "for the benchmark only, 0123456789abcdef",
            # All requests of the benchmark come from one IP address.
            "RATE_LIMITS_ENABLED": "0",
            "LOGIN_ATTEMPTS_PER_ADDRESS": "1000000",
        }

    def prepare(self) -> None:
        """Create the tables and the users."""
        code = (
            f"from benchmarks.targets.{self.target} import prepare; "
            f"prepare({json.dumps(EMAILS)}, {PASSWORD!r})"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"Preparing {self.target} failed:\n{done.stdout}{done.stderr}")

    @property
    def config(self) -> str:
        """Return the path of the settings of gunicorn: Lockstep has its own."""
        own = self.target.startswith("lockstep")
        return "gunicorn.conf.py" if own else "benchmarks/gunicorn.conf.py"

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "gunicorn", "--config", self.config, "--preload"),
            *("--worker-class", "sync", "--threads", "1", "--workers", str(self.workers)),
            *("--max-requests", "0", "--bind", f"127.0.0.1:{self.port}"),
            f"benchmarks.targets.{self.target}:app",
        ]

    @contextmanager
    def served(self) -> Iterator["Site"]:
        """Serve the target until the block ends. It writes logs to a file, as in production."""
        with tempfile.TemporaryFile("w+") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
            try:
                self.wait_until_ready(log)
                yield self
            finally:
                self.process.terminate()
                self.process.wait(START_TIMEOUT)

    def wait_until_ready(self, log) -> None:
        """Return once the sign-in page is served. Raises SystemExit after the timeout."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.is_ready():
                return
            time.sleep(0.005)
        log.seek(0)
        raise SystemExit(f"{self.target} did not start:\n{log.read()[-4000:]}")

    def is_ready(self) -> bool:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT)) as connection:
            try:
                connection.request("GET", "/login")
                return connection.getresponse().status == 200
            except ConnectionError:
                return False

    def cpu(self) -> float:
        """Return the CPU seconds used by the workers so far."""
        return sum(cpu_seconds(worker) for worker in children(self.process.pid))

    def database_cpu(self) -> float:
        return database_cpu(self.database_url)

    def memory(self) -> float:
        """Return the mean proportional set size of the workers, in megabytes."""
        workers = children(self.process.pid)
        return sum(memory_megabytes(worker) for worker in workers) / len(workers)


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])
