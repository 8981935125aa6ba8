"""One target as it is served: gunicorn with sync workers, the same for all."""

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
PASSWORD = "correct horse battery staple"  # of people who live for ten minutes
ADDRESSES = [f"person-{number}@example.com" for number in range(50)]
# What a target may see of our own environment.
KEPT = ("PATH", "HOME", "LANG", "PGSSLMODE", "PGGSSENCMODE")
PATIENCE = 60  # seconds for a start on a busy machine


@dataclass
class Site:
    """A target on a database, in a process of its own."""

    target: str
    database_url: str
    cheap_hashes: bool = False
    workers: int = 2
    port: int = field(default_factory=lambda: free_port())

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {
            "DATABASE_URL": self.database_url,
            "HASHING": "cheap" if self.cheap_hashes else "",
            "SECRET_KEY": "for the benchmark only, 0123456789abcdef",
            # All people of the benchmark come from one address.
            "RATE_LIMITS_ENABLED": "0",
            "LOGIN_ATTEMPTS_PER_ADDRESS": "1000000",
        }

    def prepare(self) -> None:
        """Make its tables and its people."""
        make = (
            f"from benchmarks.targets.{self.target} import prepare; "
            f"prepare({json.dumps(ADDRESSES)}, {PASSWORD!r})"
        )
        done = subprocess.run(
            [sys.executable, "-c", make],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{self.target} could not be prepared:\n{done.stdout}{done.stderr}")

    @property
    def config(self) -> str:
        """Return the path of gunicorn's settings: Lockstep brings its own."""
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
        """Serve it until the block ends; what it logs goes to a file, as it would."""
        with tempfile.TemporaryFile("w+") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
            try:
                self.wait(log)
                yield self
            finally:
                self.process.terminate()
                self.process.wait(PATIENCE)

    def wait(self, log) -> None:
        """Return once the sign-in page is answered. Raises SystemExit if it never is."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            if self.answers():
                return
            time.sleep(0.005)
        log.seek(0)
        raise SystemExit(f"{self.target} did not start:\n{log.read()[-4000:]}")

    def answers(self) -> bool:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            try:
                connection.request("GET", "/login")
                return connection.getresponse().status == 200
            except ConnectionError:
                return False

    def cpu(self) -> float:
        """Return the CPU seconds of its workers so far."""
        return sum(cpu_seconds(worker) for worker in children(self.process.pid))

    def database_cpu(self) -> float:
        return database_cpu(self.database_url)

    def memory(self) -> float:
        """Return the megabytes of one worker, in proportion."""
        workers = children(self.process.pid)
        return sum(memory_megabytes(worker) for worker in workers) / len(workers)


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])
