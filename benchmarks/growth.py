"""`make growth`: compare the cost of a request on a small and on a large site.

The cost is the CPU time of the application and of the database together. Seeding two million
users takes some minutes; --large names a database that was seeded before.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from benchmarks.browser import Browser
from benchmarks.databases import new_database
from benchmarks.load import require_wrk
from benchmarks.rounds import (
    Measurements,
    Task,
    make_page_and_write_tasks,
    page_requests,
    print_progress,
    run_rounds,
    sign_in_requests,
)
from benchmarks.sites import EMAILS, ROOT, Site

SMALL = {"users": 1_000, "logins": 1_000, "events": 1_000, "mails": 1_000}
LARGE = {"users": 2_000_000, "logins": 2_000_000, "events": 10_000_000, "mails": 1_000_000}
# Logins of one user on the large site. On the small site the same user has one.
MANY_LOGINS = 10_000
INSERT_LOGINS = """
    INSERT INTO login_sessions (token_digest, rotation_key, user_id, user_agent, address,
                                remembered, created_at, last_seen_at, expires_at)
    SELECT sha256(('many ' || n)::bytea), sha256(('key ' || n)::bytea), users.id, 'seed',
           '192.0.2.1', false, now(), now(), now() + interval '1 day'
    FROM users, generate_series(1, %s) AS n WHERE email = %s
"""


def seed(url: str, rows: dict[str, int]) -> None:
    options = [word for name, count in rows.items() for word in (f"--{name}", str(count))]
    environment = Site("lockstep", url).environment | {"FLASK_APP": "wsgi.py"}
    command = [sys.executable, "-m", "flask", "seed", "--not-development", *options]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    execute(url, "VACUUM ANALYZE")


def execute(url: str, statement: str, *values: object) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement, values or None)


@contextmanager
def small_and_large_site(options: argparse.Namespace) -> Iterator[dict[str, Site]]:
    with ExitStack() as stack:
        urls = {
            "small": stack.enter_context(new_database("postgresql", "small")),
            "large": options.large or stack.enter_context(new_database("postgresql", "large")),
        }
        sites = {name: Site("lockstep", url, cheap_hashes=True) for name, url in urls.items()}
        for name, site in sites.items():
            print_progress(f"preparing the {name} site")
            site.prepare()
            if not (name == "large" and options.large):
                seed(urls[name], SMALL if name == "small" else LARGE)
        execute(urls["large"], INSERT_LOGINS, MANY_LOGINS, EMAILS[-1])
        for site in sites.values():
            stack.enter_context(site.served())
        yield sites


def make_tasks(sites: dict[str, Site]) -> list[Task]:
    """Return the same tasks for each site, with the name of the site as their column."""
    tasks = []
    for name, site in sites.items():
        tasks_of_site = [
            *make_page_and_write_tasks(site, Measurements("postgresql"))[1:],
            Task("sign-in, no hash", site, sign_in_requests(site)),
            *make_tasks_with_many_logins(site),
        ]
        for task in tasks_of_site:
            task.column = name
        tasks += tasks_of_site
    return tasks


def make_tasks_with_many_logins(site: Site) -> list[Task]:
    """Return the tasks of a user with many logins on the large site and one on the small."""
    browser = Browser(site.port)
    sign_in = Browser(site.port).sign_in(EMAILS[-1])
    browser.sign_in(EMAILS[-1])
    return [
        Task("page, many logins", site, page_requests(browser)),
        Task("sign-in, many logins", site, lambda: [sign_in], connections=1),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("--large", help="the URL of a database that was seeded; it is changed")
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    require_wrk()
    # Turned into an exception, so that servers are stopped and databases are dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ["PGSSLMODE"] = "disable"
    with small_and_large_site(options) as sites:
        tasks = make_tasks(sites)
        run_rounds(tasks, options.rounds)
    print_costs(tasks)


def print_costs(tasks: list[Task]) -> None:
    """Print each cost, its ratio to the small site, and the part of it spent in the database."""
    columns = {(it.operation, it.column): it for it in tasks}
    for (operation, column), task in sorted(columns.items()):
        cost, small = total_cpu(task), total_cpu(columns[operation, "small"])
        database = task.median_of("database_cpu")
        print(f"{operation:21} {column:6} {cost:6.2f} ms {cost / small:6.2f}  ({database:.2f} ms)")


def total_cpu(task: Task) -> float:
    return task.median_of("cpu") + task.median_of("database_cpu")


if __name__ == "__main__":
    main()
