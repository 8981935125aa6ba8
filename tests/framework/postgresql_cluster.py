"""A separate PostgreSQL server, which tests may stop, fill up and copy."""

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
# PostgreSQL refuses to run as root.
AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def require(what: str, program: str | Path | None) -> None:
    """Skip the test if a program is missing. In CI, fail instead."""
    if program is None or not shutil.which(program):
        missing = f"{what} is not installed, and this test needs it."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@contextmanager
def folder_of_postgres() -> Iterator[Path]:
    """Create a folder that belongs to the user of PostgreSQL, which is never root."""
    path = Path(tempfile.mkdtemp(prefix="lockstep-"))
    if os.getuid() == 0:
        shutil.chown(path, "postgres", "postgres")
    try:
        yield path
    finally:
        shutil.rmtree(path)


class Cluster:
    """One server, which can be stopped and started repeatedly."""

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
        """Stop the server: "fast" shuts down cleanly, "immediate" acts like a power failure."""
        self.control("stop", "-m", how)

    def control(self, *args: str | Path) -> None:
        run("pg_ctl", "-D", self.data, "--wait", *args)

    @property
    def is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def execute(self, statement: str, *values: object, database: str = "postgres") -> list[Any]:
        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


def run(program: str, *args: str | Path) -> None:
    """Run a program of PostgreSQL. Raises AssertionError with its output if it fails.

    The output goes to a file, because a started server would keep a pipe open.
    """
    as_user = AS_POSTGRES if os.getuid() == 0 else []
    command = [*as_user, str(BINARIES / program), *map(str, args)]
    with tempfile.TemporaryFile("w+") as output:
        code = subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/"
        )
        output.seek(0)
        assert code == 0, f"{program} failed:\n{output.read()}"


Disk = Callable[[Path], AbstractContextManager[Path]]


@contextmanager
def new_cluster(on: Disk = nullcontext) -> Iterator[Cluster]:
    """Start a new server, and delete it at the end. `on` may mount a disk on its folder."""
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
