"""`make growth`: what a request costs on a small and on a large site.

The CPU of the application and of the database together, for one person of each. Seeding two
million people takes some minutes; --large names a database that was seeded before.
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
    Measured,
    Task,
    go_round,
    ordinary_tasks,
    say,
    sign_ins,
    signed_in_page,
)
from benchmarks.sites import ADDRESSES, ROOT, Site

SMALL = {"users": 1_000, "logins": 1_000, "events": 1_000, "mails": 1_000}
LARGE = {"users": 2_000_000, "logins": 2_000_000, "events": 10_000_000, "mails": 1_000_000}
# Logins of one person on the large site, who is otherwise like the first.
MANY_LOGINS = 10_000
GIVE_LOGINS = """
    INSERT INTO login_sessions (token_digest, rotation_key, user_id, user_agent, address,
                                remembered, created_at, last_seen_at, expires_at)
    SELECT sha256(('many ' || n)::bytea), sha256(('key ' || n)::bytea), users.id, 'seed',
           '192.0.2.1', false, now(), now(), now() + interval '1 day'
    FROM users, generate_series(1, %s) AS n WHERE email = %s
"""


def seed(url: str, rows: dict[str, int]) -> None:
    words = [word for name, count in rows.items() for word in (f"--{name}", str(count))]
    environment = Site("lockstep", url).environment | {"FLASK_APP": "wsgi.py"}
    command = [sys.executable, "-m", "flask", "seed", "--not-development", *words]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    run(url, "VACUUM ANALYZE")


def run(url: str, statement: str, *values: object) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement, values or None)


@contextmanager
def small_and_large(given: argparse.Namespace) -> Iterator[dict[str, Site]]:
    with ExitStack() as stack:
        urls = {
            "small": stack.enter_context(new_database("postgresql", "small")),
            "large": given.large or stack.enter_context(new_database("postgresql", "large")),
        }
        sites = {name: Site("lockstep", url, cheap_hashes=True) for name, url in urls.items()}
        for name, site in sites.items():
            say(f"making the {name} site")
            site.prepare()
            if not (name == "large" and given.large):
                seed(urls[name], SMALL if name == "small" else LARGE)
        run(urls["large"], GIVE_LOGINS, MANY_LOGINS, ADDRESSES[-1])
        for site in sites.values():
            stack.enter_context(site.served())
        yield sites


def tasks_of(sites: dict[str, Site]) -> list[Task]:
    """Return what is measured, named by the site it is measured on."""
    tasks = []
    for name, site in sites.items():
        asked = [
            *ordinary_tasks(site, Measured("postgresql"))[1:],
            Task("sign-in, no hash", site, sign_ins(site)),
            *tasks_of_one_person(site),
        ]
        for task in asked:
            task.column = name
        tasks += asked
    return tasks


def tasks_of_one_person(site: Site) -> list[Task]:
    """Return what the last person asks for, who has one login, and many on the large site."""
    browser = Browser(site.port)
    sign_in = Browser(site.port).sign_in(ADDRESSES[-1])
    browser.sign_in(ADDRESSES[-1])
    return [
        Task("page, many logins", site, signed_in_page(browser)),
        Task("sign-in, many logins", site, lambda: [sign_in], connections=1),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("--large", help="A database that was seeded before; it is added to.")
    parser.add_argument("--rounds", type=int, default=8)
    given = parser.parse_args()
    require_wrk()
    # Ended from outside, it still stops its servers and drops its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ["PGSSLMODE"] = "disable"
    with small_and_large(given) as sites:
        tasks = tasks_of(sites)
        go_round(tasks, given.rounds)
    show(tasks)


def show(tasks: list[Task]) -> None:
    """Print what each costs, with the database's part of it, relative to the small site."""
    columns = {(it.operation, it.column): it for it in tasks}
    for (operation, column), task in sorted(columns.items()):
        cost, small = cost_of(task), cost_of(columns[operation, "small"])
        database = task.of("database_cpu")
        print(f"{operation:21} {column:6} {cost:6.2f} ms {cost / small:6.2f}  ({database:.2f} ms)")


def cost_of(task: Task) -> float:
    return task.of("cpu") + task.of("database_cpu")


if __name__ == "__main__":
    main()
