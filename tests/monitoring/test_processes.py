"""Metrics of gunicorn with several processes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.conftest import SETTINGS
from tests.processes import wait_until

ROOT = Path(__file__).parent.parent.parent
TOKEN = "the-token-of-the-metrics"


class Server:
    """gunicorn with the settings of gunicorn.conf.py and two processes."""

    def __init__(self, database_url: str, log: Path, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        given = {name: str(value) for name, value in SETTINGS.items() if name != "TESTING"}
        settings = {
            **given,
            "DATABASE_URL": database_url,
            "METRICS_TOKEN": TOKEN,
            "WEB_CONCURRENCY": "2",
            "TMPDIR": str(folder),
        }
        self.log = log
        with log.open("w") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", "wsgi:app"],
                cwd=ROOT,
                env={**os.environ, **settings},
                stderr=lines,
            )

    def wait(self) -> None:
        until = monotonic() + 20
        while monotonic() < until:
            try:
                assert self.get("/healthz")
                return
            except OSError:
                sleep(0.05)
        raise AssertionError(self.log.read_text())

    def get(self, path: str, **headers: str) -> str:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().read().decode()

    def metrics(self) -> dict[str, float]:
        text = self.get("/metrics", Authorization=f"Bearer {TOKEN}")
        pairs = [line.rpartition(" ") for line in text.splitlines() if line[:1] != "#"]
        return {name: float(value) for name, _, value in pairs}

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


@pytest.fixture
def server(clean_database: str, tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "tmp").mkdir()
    server = Server(clean_database, tmp_path / "log", tmp_path / "tmp")
    server.wait()
    yield server
    if server.process.poll() is None:
        server.stop()


def test_any_process_reports_the_metrics_of_all(server: Server, tmp_path: Path) -> None:
    for _ in range(40):
        server.get("/login")
    name = 'http_requests_total{method="GET",route="/login",status="200"}'
    assert {server.metrics()[name] for _ in range(6)} == {40}
    assert server.metrics()["http_requests_in_progress"] == 1
    [folder] = (tmp_path / "tmp").glob("metrics-*")
    assert len({file.name.split("_")[-1] for file in folder.glob("counter_*.db")}) >= 2
    server.stop()
    assert not folder.exists()


def test_a_killed_process_no_longer_counts_as_in_progress(server: Server, tmp_path: Path) -> None:
    [folder] = (tmp_path / "tmp").glob("metrics-*")
    shares = {int(file.stem.rpartition("_")[2]): file for file in folder.glob("gauge_live*.db")}
    [one, *_] = shares.keys() - {server.process.pid}
    os.kill(one, signal.SIGKILL)
    wait_until(lambda: not shares[one].exists())
