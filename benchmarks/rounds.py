"""Measure all targets in short runs, round by round, so that other load affects all equally."""

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
from benchmarks.sites import EMAILS, Site
from benchmarks.statements import counting_proxy

# Measured in all operations; the targets of SAME_MARKUP only in the pages and the write.
TARGETS = ["bare", "lean", "lockstep", "flask_security", "django"]
OPERATIONS = ["sign-in page", "signed-in page", "signed-in write", "sign-in", "sign-in, no hash"]
# Connections of most runs, and of those that measure latency with a queue of requests.
FEW, MANY = 8, 64


@dataclass
class Task:
    """An operation on a target, and the results of its runs."""

    operation: str
    site: Site
    # Called before each run, so that the cookies are recent: a browser stores each new cookie,
    # and with the cookies of an earlier run, Lockstep would refresh the preferences in them.
    make_requests: Callable[[], list[Request]]
    seconds: int = 1
    connections: int = FEW
    column: str = ""
    runs: list[Run] = field(default_factory=list)

    def run(self) -> None:
        self.runs.append(load(self.site, self.make_requests(), self.connections, self.seconds))

    def median_of(self, name: str) -> float:
        """Return the median of an attribute of all runs; times in milliseconds."""
        return median(getattr(run, name) for run in self.runs)


Tasks = dict[tuple[str, str], Task]


@dataclass
class Measurements:
    """The results on one database, by (operation, target) or by target."""

    database: str
    few: Tasks = field(default_factory=dict)
    many: Tasks = field(default_factory=dict)
    pages: Pages = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    statements: dict[tuple[str, str], int] = field(default_factory=dict)
    # CPU time and elapsed time, in seconds.
    startup: dict[str, tuple[float, float]] = field(default_factory=dict)


def print_progress(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def measure(
    database: str, targets: list[str], rounds: int, *, hashing: bool, deadline: float
) -> Measurements:
    """Measure these targets on one kind of database, in fewer rounds if the deadline passes."""
    measured = Measurements(database)
    with ExitStack() as stack:
        tasks = []
        for target in targets:
            site = serve(stack, database, target)
            tasks += make_page_and_write_tasks(site, measured)
            if target not in {"bare", *SAME_MARKUP}:
                cheap = serve(stack, database, target, cheap_hashes=True)
                tasks.append(Task(OPERATIONS[4], cheap, sign_in_requests(cheap)))
                if hashing:
                    tasks.append(Task(OPERATIONS[3], site, sign_in_requests(site), seconds=3))
        require_same_markup(measured.pages)
        many = [
            Task(it.operation, it.site, it.make_requests, connections=MANY)
            for it in tasks
            if it.operation == "signed-in page" and it.site.target not in SAME_MARKUP
        ]
        for number in range(-1, rounds):
            print_progress(f"{database}: {round_name(number, rounds)}")
            if number > 0 and time.monotonic() > deadline:
                break
            run_once(tasks + many * (number < max(2, rounds // 2)), is_warm_up=number < 0)
        measured.few = {(it.operation, it.site.target): it for it in tasks}
        measured.many = {(it.operation, it.site.target): it for it in many}
        measured.memory = {it.site.target: it.site.memory() for it in many}
    return measured


def run_rounds(tasks: list[Task], rounds: int) -> None:
    """Run all tasks once per round, after a warm-up round without results."""
    for number in range(-1, rounds):
        print_progress(round_name(number, rounds))
        run_once(tasks, is_warm_up=number < 0)


def round_name(number: int, rounds: int) -> str:
    return "warm-up round" if number < 0 else f"round {number + 1} of {rounds}"


def run_once(tasks: list[Task], *, is_warm_up: bool) -> None:
    for task in tasks:
        task.run()
        if is_warm_up:
            task.runs.clear()


def serve(stack: ExitStack, database: str, target: str, *, cheap_hashes: bool = False) -> Site:
    print_progress(f"{database}: starting {target}{' with cheap hashes' if cheap_hashes else ''}")
    name = f"{target}_{'cheap' if cheap_hashes else 'real'}"
    site = Site(target, stack.enter_context(new_database(database, name)), cheap_hashes)
    site.prepare()
    return stack.enter_context(site.served())


def make_page_and_write_tasks(site: Site, measured: Measurements) -> list[Task]:
    """Return the tasks for the pages and the write, and store one response of each page.

    The sign-in page is requested without cookies, as by a new visitor.
    """
    login = Request("/login", OK, "Sign in")
    measured.pages["sign-in page", site.target] = Browser(site.port).send(login)
    tasks = [Task("sign-in page", site, lambda: [login])]
    browser = Browser(site.port)
    if site.target != "bare":
        browser.sign_in(EMAILS[0])
    make_requests = page_requests(browser, "Signed in as person-0")
    # The first page after signing in starts a session for its forms. The second one finds it.
    [second] = make_requests()
    measured.pages["signed-in page", site.target] = browser.send(second)
    tasks.append(Task("signed-in page", site, make_requests))
    if site.target != "bare":
        tasks.append(Task("signed-in write", site, write_requests(browser)))
    return tasks


def page_requests(
    browser: Browser, expected_text: str = "Signed in"
) -> Callable[[], list[Request]]:
    """Return the function that prepares the request of a signed-in page."""

    def make_requests() -> list[Request]:
        browser.send(browser.make_get("/feedback", expected_text))
        return [browser.make_get("/feedback", expected_text)]

    return make_requests


def write_requests(browser: Browser) -> Callable[[], list[Request]]:
    """Return the function that prepares the POST of a signed-in page."""

    def make_requests() -> list[Request]:
        page = browser.send(browser.make_get("/feedback", "Signed in"))
        post = browser.make_post(page, "/feedback", text="Thank you")
        browser.send(post)
        return [post]

    return make_requests


def sign_in_requests(site: Site) -> Callable[[], list[Request]]:
    """Return the function that prepares sign-ins of several users, each on a known device.

    With real hashes there are fewer users, because each signs in twice in advance.
    """
    emails = EMAILS[1:] if site.cheap_hashes else EMAILS[1:5]
    posts = [Browser(site.port).sign_in(email) for email in emails]
    return lambda: posts


def count_statements(target: str) -> dict[tuple[str, str], int]:
    """Return the number of statements of each operation, including BEGIN and ROLLBACK."""
    os.environ["PGSSLMODE"] = os.environ["PGGSSENCMODE"] = "disable"
    with (
        new_database("postgresql", f"{target}_counted") as url,
        counting_proxy(url) as (proxy_url, counter),
    ):
        site = Site(target, url, cheap_hashes=True, workers=1)
        site.prepare()
        site.database_url = proxy_url
        counts = {}
        with site.served():
            tasks = make_page_and_write_tasks(site, Measurements("postgresql"))
            if target != "bare":
                tasks.append(Task("sign-in", site, sign_in_requests(site)))
            for task in tasks:
                request = task.make_requests()[0]
                before = counter.count
                Browser(site.port).send(request)
                # One worker serves this after it has sent the ROLLBACK of the previous request.
                Browser(site.port).send(Request("/login", OK))
                counts[task.operation, target] = counter.count - before
    return counts


def measure_start(target: str, url: str) -> tuple[float, float]:
    """Return CPU and elapsed seconds from the start of gunicorn to the first 200 of one worker."""
    site = Site(target, url, workers=1)
    start = time.perf_counter()
    with site.served():
        elapsed = time.perf_counter() - start
        return site.cpu() + cpu_seconds(site.process.pid), elapsed


def measure_startup(
    targets: list[str], rounds: int, *, deadline: float
) -> dict[str, tuple[float, float]]:
    """Return the medians of CPU and elapsed seconds of a start, for each target."""
    with ExitStack() as stack:
        urls = {}
        for target in targets:
            urls[target] = stack.enter_context(new_database("postgresql", f"{target}_start"))
            Site(target, urls[target]).prepare()
        starts = {target: [] for target in targets}
        for number in range(rounds):
            if number > 0 and time.monotonic() > deadline:
                break
            print_progress(f"starting all, round {number + 1} of {rounds}")
            for target, url in urls.items():
                starts[target].append(measure_start(target, url))
    return {
        target: (median(cpu for cpu, _ in runs), median(elapsed for _, elapsed in runs))
        for target, runs in starts.items()
    }
