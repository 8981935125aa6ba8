"""The site on phones, in print, with reduced motion, and with forced colors."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.framework.browser.served_site import Site
from tests.framework.templates import LANGUAGES

# The number of rows in which elements of about one height are placed.
ROWS = """items => new Set(items.map((it) => it.getBoundingClientRect())
  .map((box) => Math.round((box.top + box.bottom) / 20))).size"""
# Records what is inserted into live regions after they exist.
LISTEN = """
window.announced = [];
addEventListener("DOMContentLoaded", () => document.querySelectorAll("[role=status]").forEach(
  (region) => new MutationObserver((changes) => changes.forEach((change) =>
    change.addedNodes.forEach((it) => window.announced.push(it.textContent.trim()))
  )).observe(region, { childList: true })));
"""
MOVING = """() => [...document.querySelectorAll("*")].filter((it) => {
  const style = getComputedStyle(it);
  return style.transitionDuration !== "0s" || style.animationName !== "none";
}).length"""


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/login"])
def test_on_a_phone_the_header_of_a_visitor_has_one_row(
    path: str, locale: str, site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, viewport={"width": 375, "height": 667}, locale=locale).new_page()
    page.goto(path)
    rows = page.eval_on_selector_all(".site-header .page-width > *:visible", ROWS)
    assert rows == 1


def test_on_a_phone_the_example_on_the_home_page_needs_no_scrolling(page: Page) -> None:
    for width in (375, 320):
        page.set_viewport_size({"width": width, "height": 667})
        page.goto("/")
        assert page.eval_on_selector(".example pre", "pre => pre.scrollWidth <= pre.clientWidth")


def test_a_printed_page_has_its_content_and_no_buttons(page: Page, site: Site) -> None:
    page.goto("/preferences")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("h1").is_visible()
    assert not page.locator(".site-nav, .theme-switch, .menu, .actions >> visible=true").count()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(18, 29, 31)"
    assert len(page.pdf()) > 5_000


def test_a_flash_is_announced_to_screen_readers(page: Page, site: Site, people: None) -> None:
    """A live region announces what is inserted, not its initial content (ARIA 1.2)."""
    page.add_init_script(LISTEN)
    site.sign_in(page.context, "bob")
    page.goto("/account")
    page.fill("#display_name", "Bob")
    page.click("main .form [type=submit]")
    page.get_by_text("Your changes have been saved.").wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("window.announced") == ["Your changes have been saved."]


def test_nothing_moves_with_reduced_motion(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    moving = {}
    for motion in ("reduce", "no-preference"):
        page = new_browser(site, reduced_motion=motion).new_page()
        page.goto("/login")
        moving[motion] = page.evaluate(MOVING)
    assert moving["reduce"] == 0
    assert moving["no-preference"] > 0


def test_a_checkbox_is_visible_with_forced_colors(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/login")
    page.check("#remember")
    appearance = "getComputedStyle(document.getElementById('remember')).appearance"
    assert page.evaluate(appearance) == "auto"
