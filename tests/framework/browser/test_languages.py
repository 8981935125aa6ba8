"""The language menu with the keyboard, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from app.preferences.locales import LOCALES
from tests.framework.browser.keyboard import Keyboard
from tests.framework.browser.mouse import Mouse
from tests.framework.browser.served_site import Site
from tests.languages.catalogs import TRANSLATION

PHONE = {"width": 375, "height": 667}


@pytest.mark.parametrize(("hands_of", "has_script"), [(Keyboard, True), (Mouse, False)])
def test_alice_changes_the_language_and_back(
    hands_of: type[Keyboard | Mouse],
    has_script: bool,
    site: Site,
    people: None,
    new_browser: Callable[..., BrowserContext],
) -> None:
    context = new_browser(site, viewport=PHONE, java_script_enabled=has_script)
    site.sign_in(context, "alice")
    page = context.new_page()
    hands = hands_of(page)
    hands.open("/account")
    hands.press("EN")
    hands.press(LOCALES[TRANSLATION])
    expect(page.locator("html")).to_have_attribute("lang", TRANSLATION)
    hands.press(TRANSLATION.upper())
    hands.press("English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
