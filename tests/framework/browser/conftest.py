"""Fixtures of the browser tests: the system's Chromium, and the site in gunicorn.

Without Chromium, the tests are skipped with a notice, or fail in CI.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.databases import databases
from tests.framework.browser.counting import COUNTED
from tests.framework.browser.screenshots import Watched
from tests.framework.browser.served_site import Site, serve, serve_as_in_production

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ALICES = count(1)
IS_SKIPPED = CHROMIUM is None and not os.environ.get("CI")
ARGUMENTS = [
    "--no-sandbox",  # as root, as in containers, Chromium refuses to start its sandbox
    "--disable-gpu",
    "--no-first-run",
    # No requests to other hosts.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if IS_SKIPPED:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed."))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if IS_SKIPPED:
        terminalreporter.write_line("Not tested in a browser: Chromium is not installed.")
    for line in COUNTED.lines():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site in production mode, on SQLite, with emails written to a folder."""
    with serve(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture
def site_in_production(tmp_path: Path) -> Iterator[Site]:
    """The site on PostgreSQL, with an SMTP server."""
    if "postgresql" not in databases():
        pytest.skip("There is no PostgreSQL.")
    with serve_as_in_production(tmp_path) as served:
        yield served


@pytest.fixture(scope="session")
def people(site: Site) -> None:
    """Accounts of Alice, with two phones, Bob and Charlie."""
    for person in ("alice", "bob", "charlie"):
        site.create_account(person)
    site.add_phone_logins("alice@example.com", 2)


@pytest.fixture(scope="session")
def debug_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site in debug mode, without users. Background jobs do not run, so they stay queued."""
    with serve(tmp_path_factory.mktemp("debug_site"), FLASK_DEBUG="1", JOB_THREADS="0") as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_browser(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser without cookies: new_browser(site, java_script_enabled=False)."""
    opened: list[BrowserContext] = []

    def new(site: Site, **options: object) -> BrowserContext:
        settings = {"base_url": site.url, "reduced_motion": "reduce", "locale": "en-US", **options}
        opened.append(chromium.new_context(**settings))
        opened[-1].set_default_timeout(10_000)
        return opened[-1]

    yield new
    for context in opened:
        with suppress(Exception):
            context.close()


@pytest.fixture
def context(site: Site, new_browser: Callable[..., BrowserContext]) -> BrowserContext:
    """A browser without cookies, in the size of a phone."""
    return new_browser(site, viewport={"width": 375, "height": 780})


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page in that browser. Errors in its console fail the test."""
    watched = Watched(context.new_page())
    yield watched.page
    assert watched.errors == []


@pytest.fixture
def alice(site: Site) -> str:
    """The email address of a new account."""
    return site.create_account(f"alice-{next(ALICES)}")
