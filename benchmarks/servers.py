"""`python -m benchmarks.servers`: what a signed-in page costs behind other servers than gunicorn.

Two processes of each, one request at a time, as in `make bench`; gunicorn once more with threads,
as gunicorn.conf.py has it. The servers are installed with the rest of the benchmark.
"""

import argparse
import os  # part: monitoring
import signal
import sys
import tempfile  # part: monitoring
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.databases import new_database
from benchmarks.load import require_wrk
from benchmarks.rounds import Task, go_round, say, signed_in_page
from benchmarks.sites import ADDRESSES, Site

OPERATION = "signed-in page"
APP = "benchmarks.targets.{target}:app"
PLAIN = "gunicorn, sync"
COMMANDS = {
    PLAIN: "gunicorn --config {config} --preload --worker-class sync --threads 1 --workers 2 "
    "--max-requests 0 --bind 127.0.0.1:{port} " + APP,
    "gunicorn, gthread": "gunicorn --config {config} --preload --worker-class gthread "
    "--threads 5 --workers 2 --max-requests 0 --bind 127.0.0.1:{port} " + APP,
    "granian": "granian --interface wsgi --host 127.0.0.1 --port {port} --workers 2 "
    "--blocking-threads 1 --log-level warning --no-ws " + APP,
    # It closes each connection, and says so only if told to.
    "uWSGI": "uwsgi --http-socket 127.0.0.1:{port} --add-header Connection:close --master "
    "--processes 2 --lazy-apps --need-app --die-on-term --disable-logging --module " + APP,
}


@dataclass
class Served(Site):
    """A target behind one of the servers."""

    server: str = PLAIN

    # part: monitoring
    @property
    def environment(self) -> dict[str, str]:
        # gunicorn.conf.py makes a folder for the numbers of all processes; here each is given one.
        numbers = os.environ["PROMETHEUS_MULTIPROC_DIR"]
        return super().environment | {"PROMETHEUS_MULTIPROC_DIR": numbers}

    # end part: monitoring
    def command(self) -> list[str]:
        command = COMMANDS[self.server].format(
            config=self.config, port=self.port, target=self.target
        )
        program, *words = command.split()
        return [str(Path(sys.executable).parent / program), *words]


def tasks_of(stack: ExitStack) -> list[Task]:
    tasks = []
    for target in ("lean", "lockstep"):
        url = stack.enter_context(new_database("postgresql", f"{target}_servers"))
        Site(target, url).prepare()
        for server in COMMANDS:
            say(f"starting {target} behind {server}")
            site = stack.enter_context(Served(target, url, server=server).served())
            browser = Browser(site.port)
            browser.sign_in(ADDRESSES[0])
            tasks.append(Task(OPERATION, site, signed_in_page(browser), column=server))
    return tasks


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers")
    parser.add_argument("--rounds", type=int, default=8)
    given = parser.parse_args()
    require_wrk()
    # Ended from outside, it still stops its servers and drops its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        # part: monitoring
        numbers = tempfile.TemporaryDirectory(prefix="metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(numbers)
        # end part: monitoring
        tasks = tasks_of(stack)
        go_round(tasks, given.rounds)
    show(tasks)


def show(tasks: list[Task]) -> None:
    """Print what each costs, relative to the same application behind gunicorn."""
    plain = {it.site.target: it.of("cpu") for it in tasks if it.column == PLAIN}
    print("| | server | CPU, ms | of gunicorn's | p50 / p99, ms |\n|---|---|---:|---:|---:|")
    for it in tasks:
        cpu, target = it.of("cpu"), it.site.target
        print(
            f"| {target} | {it.column} | {cpu:.2f} | {cpu / plain[target]:.2f} "
            f"| {it.of('p50'):.0f} / {it.of('p99'):.0f} |"
        )


if __name__ == "__main__":
    main()
