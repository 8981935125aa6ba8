"""The databases that the tests use."""

import os
from contextlib import closing, suppress
from functools import cache
from time import time

import psycopg
import pytest
from sqlalchemy import make_url

POSTGRESQL_URL = os.environ.get(
    "TEST_POSTGRESQL_URL", "postgresql://127.0.0.1:5432/postgres?connect_timeout=2"
)
# The number of this test process, and of all. More would use up the connections of PostgreSQL, and
# the databases of other servers.
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
MAX_PROCESSES = 6

# The name of a test database ends with the time of its creation.
PREFIX = "lockstep_test_at_"
MAX_RUN_SECONDS = 6 * 60 * 60


@cache
def postgresql_refusal() -> str | None:
    """Return why PostgreSQL cannot be used here, or None if it can."""
    try:
        psycopg.connect(POSTGRESQL_URL, autocommit=True).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None


def databases() -> list[str]:
    missing = postgresql_refusal() and not os.environ.get("CI")
    return ["sqlite"] if missing else ["sqlite", "postgresql"]


def only_on(database: str, fixture: str = "database_url") -> pytest.MarkDecorator:
    """Run a test on one database only, because the other lacks the feature under test."""
    available = [name for name in databases() if name == database]
    return pytest.mark.parametrize(fixture, available, indirect=True)


on_sqlite = only_on("sqlite")
on_postgresql = only_on("postgresql")


@cache
def drop_old_databases() -> None:
    """Drop the databases of test runs that were killed."""
    names = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    with closing(psycopg.connect(POSTGRESQL_URL, autocommit=True)) as connection:
        for (name,) in connection.execute(names, [PREFIX]).fetchall():
            if int(name.removeprefix(PREFIX).partition("_")[0]) < time() - MAX_RUN_SECONDS:
                with suppress(psycopg.Error):  # another run may drop it at the same time
                    connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class new_postgresql_database:  # lower case, as contextlib.closing
    """Create an empty database on the PostgreSQL server, and drop it at the end."""

    def __enter__(self) -> str:
        drop_old_databases()
        self.name = f"{PREFIX}{int(time())}_{os.urandom(3).hex()}"
        self.run(f"CREATE DATABASE {self.name}")
        # Commits need not survive a power failure, and do not wait for the disk.
        self.run(f"ALTER DATABASE {self.name} SET synchronous_commit = off")
        url = make_url(POSTGRESQL_URL).set(database=self.name, query={})
        return url.render_as_string(hide_password=False)

    def __exit__(self, *exception: object) -> None:
        self.run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with closing(psycopg.connect(POSTGRESQL_URL, autocommit=True)) as connection:
            connection.execute(statement)
