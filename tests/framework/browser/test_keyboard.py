"""Keyboard focus: error summaries and the skip link."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from tests.framework.browser.keyboard import Keyboard
from tests.framework.browser.served_site import Site

PHONE = {"width": 375, "height": 667}


def test_a_form_with_errors_moves_the_focus_to_the_summary(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, viewport=PHONE).new_page()
    hands = Keyboard(page)
    hands.open("/login")
    hands.go_to("Password")
    hands.send(then="Sign in")
    assert hands.focused().startswith("Please check your entries")
    hands.press("Email address: Enter your email address.")
    assert hands.focused() == "Email address"


def test_the_first_tab_skips_the_navigation(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, viewport=PHONE).new_page()
    hands = Keyboard(page)
    hands.open("/")
    hands.press("Skip to the content")
    page.keyboard.press("Tab")
    assert hands.focused() == "Sign in"
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
