"""Cause a fault under load, and compare the responses with the database."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from ssl import SSLContext
from time import monotonic, sleep
from typing import Any

from tests.framework.drills.load import UNANSWERED, Load, User, users_at_work
from tests.framework.postgresql_cluster import Cluster
from tests.serving import ROOT, Server

EMAILS = [f"user-{number}@example.com" for number in range(6)]
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"


class Drill:
    """Causes a fault under load, and then checks whether anything was lost."""

    def __init__(self, name: str, cluster: Cluster, figures: list[str]) -> None:
        self.name = name
        self.cluster = cluster
        self.figures = figures

    def run(self, url: str, fault: Callable[[], object], trust: SSLContext | None = None) -> Load:
        with self.work(url, trust) as load:
            load.during(fault)
        self.report(load)
        self.compare_with_database(load)
        return load

    @contextmanager
    def work(self, url: str, trust: SSLContext | None = None) -> Iterator[Load]:
        self.cluster.execute("DELETE FROM login_sessions")
        self.cluster.execute("UPDATE users SET display_name = ''")
        with users_at_work(url, EMAILS, trust) as load:
            yield load

    def compare_with_database(self, load: Load) -> None:
        """Assert that acknowledged writes are stored once, and nothing that was not requested."""
        agents = self.cluster.execute("SELECT user_agent, count(*) FROM login_sessions GROUP BY 1")
        names = dict(self.cluster.execute("SELECT email, display_name FROM users"))
        for user in load.users:
            assert set(user.signed_in_as) <= dict(agents).keys(), "a sign-in has no row"
            assert names[user.email] in possible_names(user), "an acknowledged name is lost"
        tried = {agent for user in load.users for agent in user.tried_to_sign_in_as}
        assert dict(agents).keys() <= tried
        assert {times for _, times in agents} <= {1}, "a sign-in was written twice"
        unexpected = [status for status in load.statuses if status >= 500 and status != 503]
        assert not unexpected, f"{load.statuses}"

    def report(self, load: Load) -> None:
        """Keep the figures that docs/operations.md shows."""
        statuses = load.statuses
        self.figures.append(
            f"{self.name:<42} {len(load.acknowledged_at):>5} acknowledged, "
            f"{statuses[503]:>4} x 503, {statuses[UNANSWERED]:>3} unanswered, "
            f"longest gap {load.longest_gap:5.2f} s, "
            f"first write {load.recovery:5.2f} s after the repair"
        )

    def assert_no_connection_is_left_open(self) -> None:
        """Assert that no transaction is open after the load has ended."""
        assert eventually(lambda: self.cluster.execute(OPEN) == [(0,)])


def possible_names(user: User) -> list[str]:
    """Return the last acknowledged name and the later ones, whose result is unknown."""
    if not user.name_acknowledged:
        return ["", *user.names]
    return user.names[user.names.index(user.name_acknowledged) :]


class Site(Server):
    """The site as deploy/ starts it, with the program `gunicorn`.

    USR2 restarts `python -m gunicorn` as a script in gunicorn's own folder, where its module
    `http` hides Python's.
    """

    def __init__(self, path: Path, variables: dict[str, str]) -> None:
        self.path = path
        program = Path(sys.executable).with_name("gunicorn")
        with path.open("w") as log:
            self.process = subprocess.Popen(
                [program, "--bind", "127.0.0.1:0", "wsgi:app"], stderr=log, cwd=ROOT, env=variables
            )


def eventually(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """Return the result as soon as it is true, or the last result after the time limit."""
    until = monotonic() + seconds
    while not (result := condition()) and monotonic() < until:
        sleep(0.05)
    return result


def workers(server: Server) -> list[int]:
    """Return the process ids of gunicorn's workers."""
    path = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
