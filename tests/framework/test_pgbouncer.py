"""The site behind PgBouncer in transaction mode, with fewer connections than requests."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import psycopg
import pytest
from sqlalchemy import make_url

from app.application import Application
from tests.conftest import signed_in
from tests.databases import on_postgresql
from tests.framework.postgresql_cluster import AS_POSTGRES, folder_of_postgres, free_port, require

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {here}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""


@pytest.fixture
def pgbouncer(clean_database: str) -> Iterator[str]:
    """Start PgBouncer in front of the database; return its database URL."""
    program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
    require("pgbouncer", program)
    url = make_url(clean_database)
    here = free_port()
    with folder_of_postgres() as folder:
        file = folder / "pgbouncer.ini"
        user = url.username or os.environ.get("USER", "root")
        host, port = url.host, url.port or 5432
        file.write_text(CONFIGURATION.format(host=host, port=port, user=user, here=here))
        as_user = AS_POSTGRES if os.getuid() == 0 else []
        process = subprocess.Popen([*as_user, str(program), "-q", str(file)], cwd="/")
        try:
            yield wait_for(url.set(host="127.0.0.1", port=here).render_as_string(False))
        finally:
            process.terminate()
            process.wait(10)


def wait_for(url: str) -> str:
    for _ in range(100):
        try:
            psycopg.connect(url.replace("+psycopg", "")).close()
        except psycopg.OperationalError:
            sleep(0.05)
            continue
        return url
    raise AssertionError("PgBouncer did not start")


@on_postgresql
def test_alice_writes_and_reads_through_pgbouncer(
    pgbouncer: str, make_app: Callable[..., Application], alice
) -> None:
    """psycopg would prepare frequent statements on a connection that the next request lacks."""
    application = make_app(DATABASE_URL=pgbouncer, DATABASE_BEHIND_PGBOUNCER=1)

    def work(name: str) -> list[int]:
        browser = signed_in(application, alice)
        return [browser.submit("/account", display_name=name).status_code for _ in range(8)]

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(work, ["Alice", "Alicia", "Ali", "Lissy"]))
    assert statuses == [[303] * 8] * 4
