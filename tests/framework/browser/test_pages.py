"""All pages are accessible and well-formed in each state, theme and width."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.framework.browser.counting import COUNTED
from tests.framework.browser.page_states import PageState, all_states
from tests.framework.browser.screenshots import Watched, check_layout
from tests.framework.browser.served_site import Site
from tests.framework.starter import is_products

ROOT = Path(__file__).parent.parent.parent.parent
PAGE_STATES = all_states()
TEMPLATES = ROOT / "app/templates"
VALIDATOR = ROOT / "tests/framework/browser/node_modules/.bin/html-validate"
RULES = ROOT / ".htmlvalidate.json"
# Folders of parts of pages and of emails.
NO_PAGES = {"components", "fragments", "mail", "home"}


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for the HTML of all opened pages."""
    return tmp_path_factory.mktemp("html")


@pytest.mark.parametrize("shown", PAGE_STATES, ids=str)
def test_a_page_has_no_problems_in_any_theme_and_width(
    shown: PageState,
    people: None,
    site: Site,
    debug_site: Site,
    sources: Path,
    new_browser: Callable[..., BrowserContext],
) -> None:
    served = debug_site if shown.in_debug_mode else site
    browser = new_browser(served)
    if shown.person:
        served.sign_in(browser, shown.person)
    watched = Watched(browser.new_page())
    shown.act(watched.page, served)
    (sources / f"{shown}.html").write_text(watched.source())
    problems = [*watched.problems(), *check_layout(watched.page, str(shown))]
    COUNTED.pages.add(shown.page)
    COUNTED.states.add(str(shown))
    assert not problems, "\n".join(problems)


def test_the_html_of_all_those_pages_is_valid(sources: Path) -> None:
    """html-validate runs once for all, because Node takes a second to start."""
    if not VALIDATOR.exists() and not os.environ.get("CI"):
        pytest.skip("html-validate is not installed: npm ci")
    run = subprocess.run([VALIDATOR, "--config", RULES, sources], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_page_is_tested_in_the_browser() -> None:
    templates = {
        str(path.relative_to(TEMPLATES).with_suffix(""))
        for path in TEMPLATES.rglob("*.html")
        if not NO_PAGES & set(path.relative_to(TEMPLATES).parts)
        and not is_products(str(path.relative_to(TEMPLATES)))
    }
    layouts = {name for name in templates if name.split("/")[-1] == "layout"}
    left_out = templates - layouts - {shown.page for shown in PAGE_STATES}
    assert not left_out, f"Add all states of these to tests/framework/browser/states/: {left_out}"
