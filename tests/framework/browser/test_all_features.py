"""Everything a user can do, on a phone: with the keyboard alone, and without JavaScript.

One test runs as in production, on PostgreSQL and with an SMTP server.
"""

from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import PASSWORD
from tests.framework.browser.keyboard import Keyboard
from tests.framework.browser.mouse import Mouse
from tests.framework.browser.screenshots import Watched
from tests.framework.browser.served_site import PATIENCE, Site

PHONE = {"width": 375, "height": 667}
NEW_PASSWORD = "the otter reads the evening paper"

Hands = Keyboard | Mouse


@pytest.mark.parametrize(("hands_of", "has_script"), [(Keyboard, True), (Mouse, False)])
def test_a_user_can_do_everything(
    hands_of: type[Keyboard | Mouse],
    has_script: bool,
    site: Site,
    new_browser: Callable[..., BrowserContext],
) -> None:
    do_everything(hands_of, has_script, site, new_browser)


def test_a_user_can_do_everything_in_production(
    site_in_production: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    do_everything(Mouse, True, site_in_production, new_browser)


def do_everything(
    hands_of: type[Keyboard | Mouse],
    has_script: bool,
    site: Site,
    new_browser: Callable[..., BrowserContext],
) -> None:
    page = new_browser(site, viewport=PHONE, java_script_enabled=has_script).new_page()
    watched, hands = Watched(page), hands_of(page)
    dora = f"dora-{hands_of.__name__}-{has_script}@example.com".lower()
    register(hands, site, dora)
    hands.press("Sign out", then="Sign in")
    sign_in(hands, dora, PASSWORD)
    change_theme_and_language(hands, page)
    end_a_device(hands, page, site, dora)
    hands.press("Account", then="Account")
    hands.press("Sign out", then="Sign in")
    reset_the_password(hands, site, dora)
    sign_in(hands, dora, NEW_PASSWORD)
    export(hands, page)  # part: export
    hands.press("Account", then="Account")
    delete(hands, page)
    assert not watched.complaints


def register(hands: Hands, site: Site, address: str) -> None:
    hands.open("/login")
    hands.press("Create an account", then="Create your account")
    hands.type("Email address", address)
    hands.press("Create account", then="Check your email")
    hands.open(site.wait_for_link(address, "/confirm/"))
    hands.type("New password", PASSWORD)
    hands.press("Create account", then="Account")


def sign_in(hands: Hands, address: str, password: str) -> None:
    hands.open("/")
    hands.press("Sign in", then="Sign in")
    hands.type("Email address", address)
    hands.type("Password", password)
    hands.check("Keep me signed in on this device")
    hands.press("Sign in", then="Account")


def change_theme_and_language(hands: Hands, page: Page) -> None:
    hands.press("Dark theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    hands.press("EN")
    hands.press("Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    hands.press("DE")
    hands.press("English")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def end_a_device(hands: Hands, page: Page, site: Site, address: str) -> None:
    site.add_phone_logins(address, 2)
    hands.press("Your devices", then="Your devices")
    expect(page.locator(".device")).to_have_count(3)
    hands.press("Sign out Chrome on Android")
    expect(page.locator(".device")).to_have_count(2)


def reset_the_password(hands: Hands, site: Site, address: str) -> None:
    hands.press("Forgot your password?", then="Forgot your password?")
    hands.type("Email address", address)
    hands.press("Send link", then="Check your email")
    hands.open(site.wait_for_link(address, "/reset/"))
    hands.type("New password", NEW_PASSWORD)
    hands.press("Set password", then="Sign in")


# part: export
def export(hands: Hands, page: Page) -> None:
    hands.press("Download your data", then="Download your data")
    with page.expect_navigation():
        hands.press("Request a copy")
    until = monotonic() + PATIENCE
    while monotonic() < until and not page.get_by_text("Your data is ready").count():
        with page.expect_navigation():
            hands.press("Check again")
    with page.expect_download() as download:
        hands.press("Download")
    assert download.value.suggested_filename.endswith(".json")


# end part: export
def delete(hands: Hands, page: Page) -> None:
    hands.press("Delete account", then="Delete account")
    hands.press("Delete account")
    expect(page.get_by_text("Your account will be deleted soon.")).to_be_visible()
