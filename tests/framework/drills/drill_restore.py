"""The backup commands of docs/deploying.md: a dump, and point-in-time recovery."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.framework.drills.conftest import populate
from tests.framework.drills.drill import EMAILS, eventually
from tests.framework.postgresql_cluster import Cluster, folder_of_postgres, run, running

ALL = "SELECT email FROM users ORDER BY email"


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_of_postgres() as folder:
        yield folder


def test_a_dump_is_restored(cluster: Cluster, folder: Path) -> None:
    dump = folder / "lockstep.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", cluster.url())
    cluster.execute("CREATE DATABASE restored")
    restored = cluster.url("restored")
    run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={restored}", dump)
    assert [email for (email,) in cluster.execute(ALL, database="restored")] == sorted(EMAILS)
    cluster.execute("DROP DATABASE restored")


def test_a_point_in_time_is_restored(cluster: Cluster, folder: Path) -> None:
    """A base backup, and the archived log up to the moment before a mistake."""
    log = folder / "wal"
    cluster.configure(archive_mode="on", archive_command=f"test ! -f {log}/%f && cp %p {log}/%f")
    cluster.stop()
    cluster.start()
    create_folder_for_postgres(log)
    copy = Cluster(folder)
    run("pg_basebackup", "-c", "fast", "-D", copy.data, "-d", cluster.url())
    cluster.execute("UPDATE users SET display_name = 'after the copy'")
    [[moment]] = cluster.execute("SELECT clock_timestamp()::text")
    cluster.execute("DELETE FROM users")
    [[last]] = cluster.execute("SELECT pg_walfile_name(pg_switch_wal())")
    archived = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
    assert eventually(lambda: cluster.execute(archived, last) == [(True,)])
    copy.configure(
        unix_socket_directories=str(folder),
        archive_mode="off",
        restore_command=f"cp {log}/%f %p",
        recovery_target_time=moment,
        recovery_target_action="promote",
    )
    (copy.data / "recovery.signal").touch()
    with running(copy):
        assert eventually(lambda: copy.execute("SELECT pg_is_in_recovery()") == [(False,)])
        names = dict(copy.execute("SELECT email, display_name FROM users"))
    assert names == dict.fromkeys(EMAILS, "after the copy")
    populate(cluster.url())


def create_folder_for_postgres(folder: Path) -> None:
    folder.mkdir()
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
