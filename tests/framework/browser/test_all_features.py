"""All features for users, on a phone: with the keyboard alone, and without JavaScript.

One test runs as in production, on PostgreSQL and with an SMTP server.
"""

from collections.abc import Callable
from time import monotonic  # part: export

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import PASSWORD
from tests.framework.browser.keyboard import Keyboard
from tests.framework.browser.mouse import Mouse
from tests.framework.browser.screenshots import Watched
from tests.framework.browser.served_site import (
    EMAIL_TIMEOUT,  # part: export
    Site,
)

PHONE = {"width": 375, "height": 667}
NEW_PASSWORD = "the otter reads the evening paper"

InputDevice = Keyboard | Mouse


@pytest.mark.parametrize(("input_device", "has_script"), [(Keyboard, True), (Mouse, False)])
def test_a_user_can_do_everything(
    input_device: type[Keyboard | Mouse],
    has_script: bool,
    site: Site,
    new_browser: Callable[..., BrowserContext],
) -> None:
    do_everything(input_device, has_script, site, new_browser)


def test_a_user_can_do_everything_in_production(
    site_in_production: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    do_everything(Mouse, True, site_in_production, new_browser)


def do_everything(
    input_device: type[Keyboard | Mouse],
    has_script: bool,
    site: Site,
    new_browser: Callable[..., BrowserContext],
) -> None:
    page = new_browser(site, viewport=PHONE, java_script_enabled=has_script).new_page()
    watched, controls = Watched(page), input_device(page)
    dora = f"dora-{input_device.__name__}-{has_script}@example.com".lower()
    register(controls, site, dora)
    controls.press("Sign out", then="Sign in")
    sign_in(controls, dora, PASSWORD)
    change_theme(controls, page)
    end_a_device(controls, page, site, dora)
    controls.press("Account", then="Account")
    controls.press("Sign out", then="Sign in")
    reset_the_password(controls, site, dora)
    sign_in(controls, dora, NEW_PASSWORD)
    export(controls, page)  # part: export
    controls.press("Account", then="Account")
    delete(controls, page)
    assert not watched.errors


def register(controls: InputDevice, site: Site, address: str) -> None:
    controls.open("/login")
    controls.press("Create an account", then="Create your account")
    controls.type("Email address", address)
    controls.press("Create account", then="Check your email")
    controls.open(site.wait_for_link(address, "/confirm/"))
    controls.type("New password", PASSWORD)
    controls.press("Create account", then="Account")


def sign_in(controls: InputDevice, address: str, password: str) -> None:
    controls.open("/")
    controls.press("Sign in", then="Sign in")
    controls.type("Email address", address)
    controls.type("Password", password)
    controls.check("Keep me signed in on this device")
    controls.press("Sign in", then="Account")


def change_theme(controls: InputDevice, page: Page) -> None:
    controls.press("Dark theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def end_a_device(controls: InputDevice, page: Page, site: Site, address: str) -> None:
    site.add_phone_logins(address, 2)
    controls.press("Your devices", then="Your devices")
    expect(page.locator(".list-row")).to_have_count(3)
    controls.press("Sign out Chrome on Android")
    expect(page.locator(".list-row")).to_have_count(2)


def reset_the_password(controls: InputDevice, site: Site, address: str) -> None:
    controls.press("Forgot your password?", then="Forgot your password?")
    controls.type("Email address", address)
    controls.press("Send link", then="Check your email")
    controls.open(site.wait_for_link(address, "/reset/"))
    controls.type("New password", NEW_PASSWORD)
    controls.press("Set password", then="Sign in")


# part: export
def export(controls: InputDevice, page: Page) -> None:
    controls.press("Download your data", then="Download your data")
    with page.expect_navigation():
        controls.press("Request a copy")
    until = monotonic() + EMAIL_TIMEOUT
    while monotonic() < until and not page.get_by_text("Your data is ready").count():
        with page.expect_navigation():
            controls.press("Check again")
    with page.expect_download() as download:
        controls.press("Download")
    assert download.value.suggested_filename.endswith(".json")


# end part: export
def delete(controls: InputDevice, page: Page) -> None:
    controls.press("Delete account", then="Delete account")
    controls.press("Delete account")
    expect(page.get_by_text("Your account will be deleted soon.")).to_be_visible()
