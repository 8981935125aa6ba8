"""The site for whoever prints it, is made unwell by motion, or sees no colours of ours."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser.site import Site

MOVING = """() => [...document.querySelectorAll("*")].filter((it) => {
  const style = getComputedStyle(it);
  return style.transitionDuration !== "0s" || style.animationName !== "none";
}).length"""


def test_a_printed_page_has_its_content_and_no_buttons(page: Page, site: Site) -> None:
    page.goto("/preferences")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("h1").is_visible()
    assert not page.locator(".site-nav, .theme-switch, .menu, .actions >> visible=true").count()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(18, 29, 31)"
    assert len(page.pdf()) > 5_000


def test_nothing_moves_for_whoever_asks_for_that(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    moving = {}
    for motion in ("reduce", "no-preference"):
        page = new_browser(site, reduced_motion=motion).new_page()
        page.goto("/login")
        moving[motion] = page.evaluate(MOVING)
    assert moving["reduce"] == 0
    assert moving["no-preference"] > 0


def test_with_the_systems_own_colours_everything_is_still_marked(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/login")
    page.check("#remember")
    appearance = "getComputedStyle(document.getElementById('remember')).appearance"
    assert page.evaluate(appearance) == "auto"
