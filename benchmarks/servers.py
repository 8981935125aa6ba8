"""`python -m benchmarks.servers`: compare the cost of a signed-in page behind other servers.

Each server runs two processes with one request at a time, as in `make bench`. gunicorn also runs
with threads, as gunicorn.conf.py configures it.
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
from benchmarks.rounds import Task, page_requests, print_progress, run_rounds
from benchmarks.sites import EMAILS, Site

OPERATION = "signed-in page"
APP = "benchmarks.targets.{target}:app"
REFERENCE = "gunicorn, sync"
COMMANDS = {
    REFERENCE: "gunicorn --config {config} --preload --worker-class sync --threads 1 --workers 2 "
    "--max-requests 0 --bind 127.0.0.1:{port} " + APP,
    "gunicorn, gthread": "gunicorn --config {config} --preload --worker-class gthread "
    "--threads 5 --workers 2 --max-requests 0 --bind 127.0.0.1:{port} " + APP,
    "granian": "granian --interface wsgi --host 127.0.0.1 --port {port} --workers 2 "
    "--blocking-threads 1 --log-level warning --no-ws " + APP,
    # It closes each connection, but sends `Connection: close` only if configured to.
    "uWSGI": "uwsgi --http-socket 127.0.0.1:{port} --add-header Connection:close --master "
    "--processes 2 --lazy-apps --need-app --die-on-term --disable-logging --module " + APP,
}


@dataclass
class SiteBehindServer(Site):
    """A target behind one of the servers."""

    server: str = REFERENCE

    # part: monitoring
    @property
    def environment(self) -> dict[str, str]:
        # gunicorn.conf.py creates the folder for metrics; the other servers need an existing one.
        folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
        return super().environment | {"PROMETHEUS_MULTIPROC_DIR": folder}

    # end part: monitoring
    def command(self) -> list[str]:
        command = COMMANDS[self.server].format(
            config=self.config, port=self.port, target=self.target
        )
        program, *options = command.split()
        return [str(Path(sys.executable).parent / program), *options]


def make_tasks(stack: ExitStack) -> list[Task]:
    tasks = []
    for target in ("lean", "lockstep"):
        url = stack.enter_context(new_database("postgresql", f"{target}_servers"))
        Site(target, url).prepare()
        for server in COMMANDS:
            print_progress(f"starting {target} behind {server}")
            site = stack.enter_context(SiteBehindServer(target, url, server=server).served())
            browser = Browser(site.port)
            browser.sign_in(EMAILS[0])
            tasks.append(Task(OPERATION, site, page_requests(browser), column=server))
    return tasks


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers")
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    require_wrk()
    # Turned into an exception, so that servers are stopped and databases are dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        # part: monitoring
        folder = tempfile.TemporaryDirectory(prefix="metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(folder)
        # end part: monitoring
        tasks = make_tasks(stack)
        run_rounds(tasks, options.rounds)
    print_table(tasks)


def print_table(tasks: list[Task]) -> None:
    """Print each cost, relative to the same application behind gunicorn with sync workers."""
    reference = {it.site.target: it.median_of("cpu") for it in tasks if it.column == REFERENCE}
    print(
        "| | server | CPU, ms | relative to gunicorn | p50 / p99, ms |\n|---|---|---:|---:|---:|"
    )
    for it in tasks:
        cpu, target = it.median_of("cpu"), it.site.target
        print(
            f"| {target} | {it.column} | {cpu:.2f} | {cpu / reference[target]:.2f} "
            f"| {it.median_of('p50'):.0f} / {it.median_of('p99'):.0f} |"
        )


if __name__ == "__main__":
    main()
