"""What every page owes whoever opens it, in every state, theme and width."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.counting import COUNTED
from tests.browser.looking import Watched, look
from tests.browser.shown import SHOWN, Shown
from tests.browser.site import Site

TEMPLATES = Path(__file__).parent.parent.parent / "app/templates"
NO_PAGES = {"components", "mail", "home"}  # folders of what pages and mails are made of


@pytest.fixture(scope="session")
def people(site: Site) -> None:
    site.has("alice", devices=2)
    site.has("bob")
    site.has("charlie")


@pytest.mark.parametrize("shown", SHOWN, ids=str)
def test_a_page_is_right_in_every_theme_and_width(
    shown: Shown,
    people: None,
    site: Site,
    workshop: Site,
    new_browser: Callable[..., BrowserContext],
) -> None:
    served = workshop if shown.is_workshop else site
    browser = new_browser(served)
    if shown.person:
        served.sign_in(browser, shown.person)
    watched = Watched(browser.new_page())
    shown.act(watched.page, served)
    problems = [*watched.problems(), *look(watched.page, str(shown))]
    COUNTED.pages.add(shown.page)
    COUNTED.states.add(str(shown))
    assert not problems, "\n".join(problems)


def test_no_page_is_left_out() -> None:
    templates = {
        str(path.relative_to(TEMPLATES).with_suffix(""))
        for path in TEMPLATES.rglob("*.html")
        if not NO_PAGES & set(path.relative_to(TEMPLATES).parts)
    }
    assert templates - {"layout"} == {shown.page for shown in SHOWN}
