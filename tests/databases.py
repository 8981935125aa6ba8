"""The databases that are here for the tests, and the Redis."""

import os
from contextlib import closing, suppress
from functools import cache
from time import time

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import make_url

POSTGRESQL_URL = os.environ.get(
    "TEST_POSTGRESQL_URL", "postgresql://127.0.0.1:5432/postgres?connect_timeout=2"
)
# Two of Redis's sixteen databases for each process of tests, which it empties: one to keep
# sessions in, one for Celery's messages. The first four are left to the developer.
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
MOST_PROCESSES = 6
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
REDIS_URL = f"{REDIS}/{15 - 2 * PROCESS}"
BROKER_URL = f"{REDIS}/{14 - 2 * PROCESS}"

# Databases are named by when they were made. No run takes longer than this, in seconds.
OURS = "lockstep_test_at_"
LONGEST_RUN = 6 * 60 * 60


@cache
def postgresql_refusal() -> str | None:
    """Return why PostgreSQL cannot be used here, or None if it can."""
    try:
        psycopg.connect(POSTGRESQL_URL, autocommit=True).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None


@cache
def redis_refusal() -> str | None:
    """Return why Redis cannot be used here, or None if it can."""
    try:
        Redis.from_url(REDIS_URL, socket_connect_timeout=2).ping()
    except RedisError as error:
        return str(error)
    return None


def databases() -> list[str]:
    missing = postgresql_refusal() and not os.environ.get("CI")
    return ["sqlite"] if missing else ["sqlite", "postgresql"]


def only_on(database: str, fixture: str = "database_url") -> pytest.MarkDecorator:
    """Run a test on one database, because the other has nothing of the kind it is about."""
    here = [name for name in databases() if name == database]
    return pytest.mark.parametrize(fixture, here, indirect=True)


on_sqlite = only_on("sqlite")
on_postgresql = only_on("postgresql")


@cache
def drop_what_was_left() -> None:
    """Drop the databases of runs that were killed, known by the time in their names."""
    names = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    with closing(psycopg.connect(POSTGRESQL_URL, autocommit=True)) as connection:
        for (name,) in connection.execute(names, [OURS]).fetchall():
            if int(name.removeprefix(OURS).partition("_")[0]) < time() - LONGEST_RUN:
                with suppress(psycopg.Error):  # another run may be at it too
                    connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class new_postgresql_database:  # Used as a verb, like contextlib's closing.
    """An empty database of its own on the PostgreSQL server, dropped at the end."""

    def __enter__(self) -> str:
        drop_what_was_left()
        self.name = f"{OURS}{int(time())}_{os.urandom(3).hex()}"
        self.run(f"CREATE DATABASE {self.name}")
        url = make_url(POSTGRESQL_URL).set(database=self.name, query={})
        return url.render_as_string(hide_password=False)

    def __exit__(self, *exception: object) -> None:
        self.run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with closing(psycopg.connect(POSTGRESQL_URL, autocommit=True)) as connection:
            connection.execute(statement)
