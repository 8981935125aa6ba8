"""Go round the targets in short runs, so that what else the machine does falls on all alike."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from benchmarks.browser import OK, Browser, Request
from benchmarks.databases import new_database
from benchmarks.load import Run, load
from benchmarks.machine import cpu_seconds
from benchmarks.markup import SAME_MARKUP, Pages, require_same_markup
from benchmarks.sites import ADDRESSES, Site
from benchmarks.statements import counted

# Compared in everything; those of SAME_MARKUP are compared in their pages and the write.
TARGETS = ["bare", "lean", "lockstep", "flask_security", "django"]
OPERATIONS = ["sign-in page", "signed-in page", "signed-in write", "sign-in", "sign-in, no hash"]
# Connections of most runs, and of those that show what a crowd waits for.
FEW, MANY = 8, 64


@dataclass
class Task:
    """One thing that is asked of one target, again and again."""

    operation: str
    site: Site
    # What is sent, made anew for each run: a browser keeps the cookies it is given, and one that
    # came with those of minutes ago would have everything that is carried in them read again.
    ask: Callable[[], list[Request]]
    seconds: int = 1
    connections: int = FEW
    column: str = ""
    runs: list[Run] = field(default_factory=list)

    def run(self) -> None:
        self.runs.append(load(self.site, self.ask(), self.connections, self.seconds))

    def of(self, what: str) -> float:
        """Return the median of all runs; times in milliseconds."""
        return median(getattr(run, what) for run in self.runs)


Results = dict[tuple[str, str], Task]


@dataclass
class Measured:
    """Everything that was seen on one database, by (operation, target) or by target."""

    database: str
    few: Results = field(default_factory=dict)
    many: Results = field(default_factory=dict)
    pages: Pages = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    statements: dict[tuple[str, str], int] = field(default_factory=dict)
    # Seconds of CPU and on the wall.
    start: dict[str, tuple[float, float]] = field(default_factory=dict)


def say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)


def measure(
    database: str, targets: list[str], rounds: int, *, hashing: bool, until: float
) -> Measured:
    """Compare these targets on a kind of database, in fewer rounds where time is up before."""
    measured = Measured(database)
    with ExitStack() as open_until_the_end:
        tasks = []
        for target in targets:
            site = serve(open_until_the_end, database, target)
            tasks += ordinary_tasks(site, measured)
            if target not in {"bare", *SAME_MARKUP}:
                cheap = serve(open_until_the_end, database, target, cheap_hashes=True)
                tasks.append(Task(OPERATIONS[4], cheap, sign_ins(cheap)))
                if hashing:
                    tasks.append(Task(OPERATIONS[3], site, sign_ins(site), seconds=3))
        require_same_markup(measured.pages)
        many = [
            Task(it.operation, it.site, it.ask, connections=MANY)
            for it in tasks
            if it.operation == "signed-in page" and it.site.target not in SAME_MARKUP
        ]
        for number in range(-1, rounds):
            say(f"{database}: round {number + 1} of {rounds}, {'to warm up' * (number < 0)}")
            if number > 0 and time.monotonic() > until:
                break
            for task in tasks + many * (number < max(2, rounds // 2)):
                task.run()
                if number < 0:
                    task.runs.clear()
        measured.few = {(it.operation, it.site.target): it for it in tasks}
        measured.many = {(it.operation, it.site.target): it for it in many}
        measured.memory = {it.site.target: it.site.memory() for it in many}
    return measured


def go_round(tasks: list[Task], rounds: int) -> None:
    """Run all of them in turn, so often, after a round to warm up that counts for nothing."""
    for number in range(-1, rounds):
        say(f"round {number + 1} of {rounds}")
        for task in tasks:
            task.run()
            if number < 0:
                task.runs.clear()


def serve(stack: ExitStack, database: str, target: str, *, cheap_hashes: bool = False) -> Site:
    say(f"{database}: starting {target}{' with cheap hashes' if cheap_hashes else ''}")
    name = f"{target}_{'cheap' if cheap_hashes else 'real'}"
    site = Site(target, stack.enter_context(new_database(database, name)), cheap_hashes)
    site.prepare()
    return stack.enter_context(site.served())


def ordinary_tasks(site: Site, measured: Measured) -> list[Task]:
    """Return the pages and the write, each tried once; a visitor comes without cookies."""
    visit = Request("/login", OK, "Sign in")
    measured.pages["sign-in page", site.target] = Browser(site.port).send(visit)
    tasks = [Task("sign-in page", site, lambda: [visit])]
    browser = Browser(site.port)
    if site.target != "bare":
        browser.sign_in(ADDRESSES[0])
    page = signed_in_page(browser, "Signed in as person-0")
    # The first page after signing in begins a session for its forms; the others find it.
    [second] = page()
    measured.pages["signed-in page", site.target] = browser.send(second)
    tasks.append(Task("signed-in page", site, page))
    if site.target != "bare":
        tasks.append(Task("signed-in write", site, signed_in_write(browser)))
    return tasks


def signed_in_page(browser: Browser, says: str = "Signed in") -> Callable[[], list[Request]]:
    def ask() -> list[Request]:
        browser.send(browser.see("/feedback", says))
        return [browser.see("/feedback", says)]

    return ask


def signed_in_write(browser: Browser) -> Callable[[], list[Request]]:
    def ask() -> list[Request]:
        page = browser.send(browser.see("/feedback", "Signed in"))
        write = browser.form(page, "/feedback", text="Thank you")
        browser.send(write)
        return [write]

    return ask


def sign_ins(site: Site) -> Callable[[], list[Request]]:
    """Return how some people sign in, on a device where they have been before.

    Fewer where the hash is dear, because each has to be there once.
    """
    people = ADDRESSES[1:] if site.cheap_hashes else ADDRESSES[1:5]
    forms = [Browser(site.port).sign_in(address) for address in people]
    return lambda: forms


def count_statements(target: str) -> dict[tuple[str, str], int]:
    """Return how many statements a request sends, BEGIN and ROLLBACK included."""
    os.environ["PGSSLMODE"] = os.environ["PGGSSENCMODE"] = "disable"
    with new_database("postgresql", f"{target}_counted") as url, counted(url) as (there, counter):
        site = Site(target, url, cheap_hashes=True, workers=1)
        site.prepare()
        site.database_url = there
        found = {}
        with site.served():
            tasks = ordinary_tasks(site, Measured("postgresql"))
            if target != "bare":
                tasks.append(Task("sign-in", site, sign_ins(site)))
            for task in tasks:
                request = task.ask()[0]
                before = counter.count
                Browser(site.port).send(request)
                # What follows an answer (a connection given back) is over before the next one.
                Browser(site.port).send(Request("/login", OK))
                found[task.operation, target] = counter.count - before
    return found


def measure_start(target: str, url: str) -> tuple[float, float]:
    """Return CPU and wall seconds from the exec of gunicorn to the first 200, with one worker."""
    site = Site(target, url, workers=1)
    began = time.perf_counter()
    with site.served():
        wall = time.perf_counter() - began
        return site.cpu() + cpu_seconds(site.process.pid), wall


def measure_starts(
    targets: list[str], rounds: int, *, until: float
) -> dict[str, tuple[float, float]]:
    with ExitStack() as stack:
        urls = {}
        for target in targets:
            urls[target] = stack.enter_context(new_database("postgresql", f"{target}_start"))
            Site(target, urls[target]).prepare()
        seen = {target: [] for target in targets}
        for number in range(rounds):
            if number > 0 and time.monotonic() > until:
                break
            say(f"starting all, round {number + 1} of {rounds}")
            for target, url in urls.items():
                seen[target].append(measure_start(target, url))
    return {
        target: (median(cpu for cpu, _ in runs), median(wall for _, wall in runs))
        for target, runs in seen.items()
    }
