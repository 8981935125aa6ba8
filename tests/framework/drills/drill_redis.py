"""Redis, which stores the sessions, restarts empty or does not respond."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.framework.drills.drill import Drill
from tests.framework.drills.load import UNANSWERED
from tests.framework.postgresql_cluster import free_port, require
from tests.serving import Server


class RedisServer:
    def __init__(self, folder: Path) -> None:
        require("redis-server", shutil.which("redis-server"))
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        args = ["--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *args], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


def test_redis_restarts_empty(
    drill: Drill, redis_server: RedisServer, serve: Callable[..., Server]
) -> None:
    def restart() -> None:
        redis_server.kill()
        sleep(2)
        redis_server.start()

    load = drill.run(serve(SESSION_STORE="redis", REDIS_URL=redis_server.url).url, restart)
    assert load.statuses[503] > 0
    assert load.statuses[UNANSWERED] == 0


def test_redis_does_not_answer(
    drill: Drill, redis_server: RedisServer, serve: Callable[..., Server]
) -> None:
    def freeze() -> None:
        os.kill(redis_server.process.pid, signal.SIGSTOP)
        sleep(5)
        os.kill(redis_server.process.pid, signal.SIGCONT)

    load = drill.run(serve(SESSION_STORE="redis", REDIS_URL=redis_server.url).url, freeze)
    assert load.statuses[503] > 0
    assert load.statuses[UNANSWERED] == 0
