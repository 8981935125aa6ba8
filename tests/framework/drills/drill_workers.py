"""The workers of gunicorn are killed, replaced and stopped under load."""

import os
import signal
from collections.abc import Callable

from tests.framework.drills.drill import Drill, eventually, kill, workers
from tests.framework.drills.load import UNANSWERED
from tests.serving import Server


def test_kill_9_of_a_worker(drill: Drill, serve: Callable[..., Server]) -> None:
    server = serve()
    load = drill.run(server.url, lambda: kill(workers(server)[0]))
    assert load.longest_gap < 5
    assert eventually(lambda: len(workers(server)) == 2)


def test_hup_replaces_the_workers(drill: Drill, serve: Callable[..., Server]) -> None:
    server = serve()
    url, before = server.url, set(workers(server))

    def reload() -> None:
        os.kill(server.process.pid, signal.SIGHUP)
        assert eventually(lambda: before.isdisjoint(workers(server)))

    load = drill.run(url, reload)
    assert load.statuses[503] == 0
    assert load.statuses[UNANSWERED] == 0


def test_usr2_starts_a_new_server_beside_the_old_one(
    drill: Drill, serve: Callable[..., Server]
) -> None:
    """The application is loaded before the fork, so new code needs a new server process."""
    server = serve()
    url = server.url

    def replace() -> None:
        os.kill(server.process.pid, signal.SIGUSR2)
        server.wait_for(r"(?s)Booting worker.*Listening at.*Booting worker")
        os.kill(server.process.pid, signal.SIGTERM)
        assert server.process.wait(30) == 0

    try:
        load = drill.run(url, replace)
    finally:
        os.kill(
            int(server.log.split("Listening at")[-1].split("(")[1].split(")")[0]), signal.SIGTERM
        )
    assert load.statuses[503] == 0
    assert load.statuses[UNANSWERED] == 0


def test_term_finishes_current_requests(drill: Drill, serve: Callable[..., Server]) -> None:
    """All acknowledged writes are stored, and nothing else."""
    server = serve()
    with drill.work(server.url) as load:
        load.wait_for(60)
        assert server.stop() == 0
    assert load.statuses[503] == 0
    drill.compare_with_database(load)
