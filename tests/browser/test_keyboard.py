"""The life of a person on a phone, with the keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.keyboard import Keyboard
from tests.browser.looking import Watched
from tests.browser.site import Site
from tests.conftest import PASSWORD

PHONE = {"width": 375, "height": 667}


def test_a_life_with_the_keyboard_alone(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, viewport=PHONE).new_page()
    watched, hands = Watched(page), Keyboard(page)
    dora = site.has("dora", devices=2)
    sign_in(hands, dora)
    change_theme_and_language(hands, page)
    end_a_device(hands, page)
    hands.press("Sign out", then="Sign in")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert not watched.problems()


def sign_in(hands: Keyboard, address: str, password: str = PASSWORD) -> None:
    hands.open("/")
    hands.press("Sign in", then="Sign in")
    hands.type("E-mail address", address)
    hands.type("Password", password)
    hands.check("Keep me signed in on this device")
    hands.press("Sign in", then="Account")


def change_theme_and_language(hands: Keyboard, page: Page) -> None:
    hands.press("Dark theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    hands.press("EN")
    hands.press("Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    hands.press("DE")
    hands.press("English")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def end_a_device(hands: Keyboard, page: Page) -> None:
    hands.press("Devices", then="Devices")
    page.keyboard.press("Tab")
    expect(page.locator(".device")).to_have_count(3)
    hands.press("Sign out Chrome on Android")
    expect(page.locator(".device")).to_have_count(2)


def test_a_form_with_mistakes_takes_the_focus_to_them(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, viewport=PHONE).new_page()
    hands = Keyboard(page)
    hands.open("/login")
    hands.go_to("Password")
    hands.send(then="Sign in")
    assert hands.focused().startswith("Please look at this again")
    hands.press("E-mail address: Enter your e-mail address.")
    assert hands.focused() == "E-mail address"


def test_the_first_tab_leads_past_the_navigation(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, viewport=PHONE).new_page()
    hands = Keyboard(page)
    hands.open("/")
    hands.press("Skip to the content")
    page.keyboard.press("Tab")
    assert hands.focused() == "Sign in"
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
