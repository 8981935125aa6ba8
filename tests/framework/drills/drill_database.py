"""PostgreSQL loses its connections, restarts, crashes and freezes under load."""

import os
import signal
from collections.abc import Callable
from time import sleep

from tests.framework.drills.drill import Drill
from tests.framework.drills.load import UNANSWERED, Load
from tests.framework.postgresql_cluster import Cluster
from tests.serving import Server

DOWNTIME = 2  # seconds
OTHERS = "FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()"


def assert_all_requests_were_answered(load: Load) -> None:
    assert load.statuses[UNANSWERED] == 0


def test_every_connection_is_terminated(
    drill: Drill, cluster: Cluster, serve: Callable[..., Server]
) -> None:
    load = drill.run(
        serve().url, lambda: cluster.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
    )
    assert_all_requests_were_answered(load)


def test_postgresql_is_restarted(
    drill: Drill, cluster: Cluster, serve: Callable[..., Server]
) -> None:
    def restart() -> None:
        cluster.stop()
        sleep(DOWNTIME)
        cluster.start()

    assert_all_requests_were_answered(drill.run(serve().url, restart))


def test_postgresql_crashes(drill: Drill, cluster: Cluster, serve: Callable[..., Server]) -> None:
    def crash() -> None:
        cluster.stop("immediate")
        sleep(DOWNTIME)
        cluster.start()

    assert_all_requests_were_answered(drill.run(serve().url, crash))


def test_postgresql_does_not_answer(
    drill: Drill, cluster: Cluster, serve: Callable[..., Server]
) -> None:
    """All its processes are suspended: connections stay open, but no data arrives."""

    def freeze() -> None:
        processes = [pid for (pid,) in cluster.execute(f"SELECT pid {OTHERS}")]
        postmaster = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        for process in [postmaster, *processes]:
            os.kill(process, signal.SIGSTOP)
        sleep(8)
        for process in [*processes, postmaster]:
            os.kill(process, signal.SIGCONT)

    load = drill.run(serve(STATEMENT_TIMEOUT="2s").url, freeze)
    assert load.statuses[503] > 0
    assert_all_requests_were_answered(load)
