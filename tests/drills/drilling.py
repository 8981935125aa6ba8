"""Break something while people work, and hold what they were told against the database."""

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

from tests.cluster import Cluster
from tests.drills.load import UNANSWERED, Load, Person, people_at_work
from tests.serving import ROOT, Server

PEOPLE = [f"person-{number}@example.com" for number in range(6)]
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"


class Drill:
    """Breaks something while people work, and then looks whether anything was lost."""

    def __init__(self, name: str, cluster: Cluster, figures: list[str]) -> None:
        self.name = name
        self.cluster = cluster
        self.figures = figures

    def run(self, url: str, fault: Callable[[], object], trust: SSLContext | None = None) -> Load:
        with self.work(url, trust) as load:
            load.during(fault)
        self.report(load)
        self.hold_against_the_database(load)
        return load

    @contextmanager
    def work(self, url: str, trust: SSLContext | None = None) -> Iterator[Load]:
        self.cluster.ask("DELETE FROM login_sessions")
        self.cluster.ask("UPDATE users SET display_name = ''")
        with people_at_work(url, PEOPLE, trust) as load:
            yield load

    def hold_against_the_database(self, load: Load) -> None:
        """Assert that what was acknowledged is there, once, and nothing that nobody asked for."""
        agents = self.cluster.ask("SELECT user_agent, count(*) FROM login_sessions GROUP BY 1")
        names = dict(self.cluster.ask("SELECT email, display_name FROM users"))
        for person in load.people:
            assert set(person.signed_in_as) <= dict(agents).keys(), "a sign-in has no row"
            assert names[person.email] in possible_names(person), "an acknowledged name is gone"
        tried = {agent for person in load.people for agent in person.tried_to_sign_in_as}
        assert dict(agents).keys() <= tried
        assert {times for _, times in agents} <= {1}, "a sign-in was written twice"
        dishonest = [status for status in load.statuses if status >= 500 and status != 503]
        assert not dishonest, f"{load.statuses}"

    def report(self, load: Load) -> None:
        """Keep the figures that docs/operations.md tells."""
        statuses = load.statuses
        self.figures.append(
            f"{self.name:<42} {len(load.acknowledged_at):>5} acknowledged, "
            f"{statuses[503]:>4} x 503, {statuses[UNANSWERED]:>3} unanswered, "
            f"longest silence {load.longest_silence:5.2f} s, "
            f"first write {load.recovery:5.2f} s after the mending"
        )

    def assert_no_connection_is_left_open(self) -> None:
        """Assert that nobody holds a transaction once everybody has gone home."""
        assert eventually(lambda: self.cluster.ask(OPEN) == [(0,)])


def possible_names(person: Person) -> list[str]:
    """Return the name last acknowledged, and those tried after it, of which nobody knows."""
    if not person.name_acknowledged:
        return ["", *person.names]
    return person.names[person.names.index(person.name_acknowledged) :]


class Site(Server):
    """The site as deploy/ starts it.

    By the program `gunicorn`: USR2 starts `python -m gunicorn` again as a script within gunicorn's
    own folder, where its `http` hides Python's.
    """

    def __init__(self, path: Path, given: dict[str, str]) -> None:
        self.path = path
        program = Path(sys.executable).with_name("gunicorn")
        with path.open("w") as log:
            self.process = subprocess.Popen(
                [program, "--bind", "127.0.0.1:0", "wsgi:app"], stderr=log, cwd=ROOT, env=given
            )


def eventually(is_so: Callable[[], Any], seconds: float = 15) -> Any:
    """Return what is so, as soon as it is, or what it was last."""
    until = monotonic() + seconds
    while not (result := is_so()) and monotonic() < until:
        sleep(0.05)
    return result


def workers(server: Server) -> list[int]:
    """Return the processes that serve, which gunicorn's own process has made."""
    path = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
