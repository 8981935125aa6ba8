"""The disk of the database is full for a while."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

import psycopg
import pytest

from tests.conftest import migrate
from tests.framework.drills.conftest import populate
from tests.framework.drills.drill import Drill
from tests.framework.drills.load import UNANSWERED
from tests.framework.postgresql_cluster import Cluster, new_cluster
from tests.serving import Server

SIZE = 80  # MB
DURATION = 2  # seconds
# CI machines often allow sudo without a password.
AS_ROOT = [] if os.getuid() == 0 else ["sudo", "--non-interactive"]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a small disk in memory, which can be filled without harm."""
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=1777", "tmpfs", folder]
    if subprocess.call([*AS_ROOT, *mounting], stderr=subprocess.DEVNULL) != 0:
        missing = "This drill mounts a small disk, which is not permitted. Run it as root."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    try:
        if not AS_ROOT:
            shutil.chown(folder, "postgres", "postgres")
        yield folder
    finally:
        subprocess.check_call([*AS_ROOT, "umount", folder])


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Run PostgreSQL with all its files on the small disk."""
    with new_cluster(on=small_disk) as cluster:
        migrate(cluster.url())
        populate(cluster.url())
        yield cluster


def test_the_disk_is_full(drill: Drill, cluster: Cluster, serve: Callable[..., Server]) -> None:
    """PostgreSQL stops when its log cannot grow, and recovers once there is space."""
    filler = cluster.folder / "filler"

    def fill() -> None:
        fill_disk(filler)
        with suppress(psycopg.Error):
            while True:
                cluster.execute(
                    "SELECT pg_logical_emit_message(false, 'log', repeat('x', 900000))"
                )
                fill_disk(filler)
        sleep(DURATION)
        filler.unlink()
        if not cluster.is_running:
            cluster.start()

    load = drill.run(serve().url, fill)
    assert load.statuses[503] > 0
    assert load.statuses[UNANSWERED] == 0


def fill_disk(filler: Path) -> None:
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
