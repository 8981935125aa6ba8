"""A PostgreSQL server of the tests' own, which they may stop, starve and copy."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/local/bin"))
# PostgreSQL refuses to run as root. This is how root runs something as somebody else.
AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def require(what: str, program: str | Path | None) -> None:
    """Skip where a program is missing; in CI fail, because there nobody would notice."""
    if program is None or not shutil.which(program):
        missing = f"{what} is not installed here, and this needs it."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@contextmanager
def folder_of_postgres() -> Iterator[Path]:
    """A folder that belongs to whoever runs PostgreSQL, which is not root."""
    path = Path(tempfile.mkdtemp(prefix="lockstep-"))
    if os.getuid() == 0:
        shutil.chown(path, "postgres", "postgres")
    try:
        yield path
    finally:
        shutil.rmtree(path)


class Cluster:
    """One server; `stop()` and `start()` it as often as you like."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = port or free_port()

    def create(self) -> None:
        run(
            "initdb",
            "--no-sync",
            "--wal-segsize=1",
            "-A",
            "trust",
            "-U",
            "lockstep",
            "-E",
            "UTF8",
            "-D",
            self.data,
        )
        self.configure(
            listen_addresses="127.0.0.1",
            unix_socket_directories=str(self.folder),
            max_wal_senders=4,
            min_wal_size="2MB",
            shared_buffers="16MB",
        )

    def configure(self, **settings: Any) -> None:
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://lockstep@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.control("start", "-l", self.folder / "log", "-o", f"-p {self.port}")

    def stop(self, how: str = "fast") -> None:
        """Stop it: "fast" tells everybody, "immediate" is as if the power had failed."""
        self.control("stop", "-m", how)

    def control(self, *words: str | Path) -> None:
        run("pg_ctl", "-D", self.data, "--wait", *words)

    @property
    def is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def ask(self, statement: str, *given: object, database: str = "postgres") -> list[Any]:
        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            cursor = connection.execute(statement, given or None)
            return cursor.fetchall() if cursor.description else []


def run(program: str, *words: str | Path) -> None:
    """Run one of PostgreSQL's programs as whoever may, and say what it said if it fails.

    Into a file, because a server that is started would keep a pipe open for as long as it lives.
    """
    as_somebody = AS_POSTGRES if os.getuid() == 0 else []
    command = [*as_somebody, str(BINARIES / program), *map(str, words)]
    with tempfile.TemporaryFile("w+") as said:
        code = subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/"
        )
        said.seek(0)
        assert code == 0, f"{program} failed:\n{said.read()}"


Disk = Callable[[Path], AbstractContextManager[Path]]


@contextmanager
def new_cluster(on: Disk = nullcontext) -> Iterator[Cluster]:
    """Start a new server, stopped and gone at the end; `on` may put a disk under its folder."""
    require("PostgreSQL's server", BINARIES / "initdb")
    with folder_of_postgres() as path, on(path) as folder:
        cluster = Cluster(folder)
        cluster.create()
        with running(cluster):
            yield cluster


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    cluster.start()
    try:
        yield cluster
    finally:
        if cluster.is_running:
            cluster.stop("immediate")
