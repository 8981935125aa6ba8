"""A real browser in front of a real server.

It is the system's own Chromium. Where there is none these tests are left out with a line that says
so; in CI they fail.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.serving import Server, environment

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser"])), None)
OPTIONS = [
    "--no-sandbox",  # CI and containers run as root, where Chromium has no sandbox
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

collect_ignore_glob = [] if CHROMIUM or os.environ.get("CI") else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if collect_ignore_glob:
        terminalreporter.write_line("Not tested in a browser: there is no chromium here.")


@pytest.fixture(scope="module")
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, served for all tests of a file."""
    log = tmp_path_factory.mktemp("browser") / "gunicorn.log"
    server = Server(log, "wsgi:app", environment(DATABASE_URL=database_url))
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "There is no chromium here; install it (apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, site: str, clean_database: str) -> Iterator[BrowserContext]:
    """A browser that has never been here, on a phone."""
    context = chromium.new_context(base_url=site, viewport={"width": 375, "height": 780})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page in that browser. Whatever the browser complains about fails the test."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if is_bad(said.text) else None)
    yield page
    assert complaints == []


def is_bad(text: str) -> bool:
    """Return whether the console tells of a mistake; an answer such as 422 is none."""
    return "Content Security Policy" in text or "Uncaught" in text or "net::" in text
