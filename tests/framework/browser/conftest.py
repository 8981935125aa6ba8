"""A real browser in front of a real gunicorn, and what every page owes whoever opens it.

Debian's Chromium is driven, as the system updates it. Where there is none these tests are left
out with one line; with CI set they fail.
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
IS_LEFT_OUT = CHROMIUM is None and not os.environ.get("CI")
ARGUMENTS = [
    "--no-sandbox",  # containers run as root, where Chromium refuses its own
    "--disable-gpu",
    "--no-first-run",
    # Nothing is asked of any other host.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if IS_LEFT_OUT:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="There is no Chromium here."))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if IS_LEFT_OUT:
        terminalreporter.write_line("Not tested in a browser: there is no Chromium here.")
    for line in COUNTED.lines():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as production serves it, on SQLite, with mails written into a folder."""
    with serve(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture
def site_in_production(tmp_path: Path) -> Iterator[Site]:
    """The site on PostgreSQL, with a mail server; without PostgreSQL it is left out, or fails."""
    if "postgresql" not in databases():
        pytest.skip("There is no PostgreSQL here.")
    with serve_as_in_production(tmp_path) as served:
        yield served


@pytest.fixture(scope="session")
def people(site: Site) -> None:
    """Alice, who has two phones too, Bob and Charlie."""
    for person in ("alice", "bob", "charlie"):
        site.has(person)
    site.is_used_on_phones("alice@example.com", 2)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as development serves it, with the pages that only it has.

    Nobody is in it, and nobody works in the background, so that what waits goes on waiting.
    """
    with serve(tmp_path_factory.mktemp("workshop"), FLASK_DEBUG="1", JOB_THREADS="0") as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_browser(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser with nothing in it: new_browser(site, java_script_enabled=False)."""
    opened: list[BrowserContext] = []

    def new(site: Site, **options: object) -> BrowserContext:
        given = {"base_url": site.url, "reduced_motion": "reduce", "locale": "en-US", **options}
        opened.append(chromium.new_context(**given))
        opened[-1].set_default_timeout(10_000)
        return opened[-1]

    yield new
    for context in opened:
        with suppress(Exception):
            context.close()


@pytest.fixture
def context(site: Site, new_browser: Callable[..., BrowserContext]) -> BrowserContext:
    """A browser that has never been here, on a phone."""
    return new_browser(site, viewport={"width": 375, "height": 780})


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page in that browser. Whatever the browser complains about fails the test."""
    watched = Watched(context.new_page())
    yield watched.page
    assert watched.complaints == []


@pytest.fixture
def alice(site: Site) -> str:
    """The address of an Alice who has never been here either."""
    return site.has(f"alice-{next(ALICES)}")
