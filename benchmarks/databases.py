"""Create a database for each target, and measure the CPU time that PostgreSQL spends on it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from benchmarks.machine import cpu_seconds

POSTGRESQL_URL = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://127.0.0.1:5432/postgres")


@contextmanager
def new_database(kind: str, name: str) -> Iterator[str]:
    """Create an empty database, yield its URL, and drop it at the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield f"sqlite:///{Path(folder, name)}.sqlite3"
        return
    database = f"lockstep_bench_{name}_{os.getpid()}"
    execute(f"CREATE DATABASE {database}")
    try:
        yield (
            urlsplit(POSTGRESQL_URL)
            ._replace(scheme="postgresql+psycopg", path=f"/{database}", query="")
            .geturl()
        )
    finally:
        execute(f"DROP DATABASE {database} WITH (FORCE)")


def execute(statement: str) -> None:
    with psycopg.connect(POSTGRESQL_URL, autocommit=True) as connection:
        connection.execute(statement)


def database_cpu(url: str) -> float:
    """Return the CPU seconds used so far by the PostgreSQL processes that serve this database."""
    if not url.startswith("postgresql"):
        return 0.0
    with psycopg.connect(POSTGRESQL_URL, autocommit=True) as connection:
        backends = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s", [urlsplit(url).path[1:]]
        ).fetchall()
    return sum(cpu_seconds(pid) for [pid] in backends)
