"""Two-factor authentication in a browser: set up, used, lost and attacked."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import PASSWORD
from tests.framework.browser.keyboard import Keyboard
from tests.framework.browser.mouse import Mouse
from tests.framework.browser.served_site import Site
from tests.framework.browser.sign_in_form import sign_out
from tests.framework.browser.states.two_factor import give_code, give_password, scan

NewBrowser = Callable[..., BrowserContext]


def codes_on(page: Page) -> list[str]:
    return page.locator(".recovery-codes code").all_inner_texts()


@pytest.mark.parametrize(
    ("input_device", "has_script"), [(Keyboard, True), (Mouse, True), (Mouse, False)]
)
def test_alice_sets_it_up_by_keyboard_by_mouse_and_without_script(
    input_device: type[Keyboard | Mouse],
    has_script: bool,
    site: Site,
    alice: str,
    new_browser: NewBrowser,
) -> None:
    page = new_browser(site, java_script_enabled=has_script).new_page()
    controls = input_device(page)
    give_password(page, alice)
    controls.press("Two-factor authentication", then="Two-factor authentication")
    phone = scan(page)
    controls.type("Code", phone.code())
    controls.press("Turn on", then="Recovery codes")
    codes = codes_on(page)
    controls.press("I have saved my codes. Continue", then="Two-factor authentication")
    sign_out(page)
    controls.type("Email address", alice)
    controls.type("Password", PASSWORD)
    controls.press("Sign in", then="Two-factor authentication")
    # The current code was used for the setup; the next one is valid already.
    controls.type("Code", phone.code(1))
    controls.press("Continue", then="Account")
    sign_out(page)
    give_password(page, alice)
    controls.type("Code", codes[0])
    controls.check("Trust this device for 30 days")
    controls.press("Continue", then="Account")
    expect(page.get_by_text("You have 9 recovery codes left.")).to_be_visible()
    sign_out(page)
    give_password(page, alice)
    expect(page).to_have_url(re.compile("/account$"))


def test_the_codes_are_copied_downloaded_and_printed(
    site: Site, alice: str, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    give_password(page, alice)
    page.goto("/two-factor")
    give_code(page, scan(page).code())
    codes = codes_on(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(codes)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "codes.txt")
    assert (tmp_path / "codes.txt").read_text().split() == codes
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_text(codes[9])).to_be_visible()


def test_an_attacker_in_a_second_browser_cannot_skip_the_second_step(
    site: Site, alice: str, page: Page, new_browser: NewBrowser
) -> None:
    """An attacker has the password and reads the emails, in another browser."""
    thief = new_browser(site).new_page()
    give_password(thief, alice)
    expect(thief).to_have_url(re.compile("/account$"))
    give_password(page, alice)
    page.goto("/two-factor")
    phone = scan(page)
    give_code(page, phone.code())
    thief.goto("/account")
    expect(thief.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    give_password(thief, alice)
    for path in ("/account", "/two-factor", "/two-factor/recovery-codes", "/devices", "/prove"):
        thief.goto(path)
        expect(thief).to_have_url(re.compile("/login"))
    thief.goto("/reset")
    thief.fill("#email", alice)
    thief.click("main .form [type=submit]")
    thief.goto(site.wait_for_link(alice, "/reset/"))
    thief.fill("#password", "a thief in the mailbox types this")
    thief.click("main .form [type=submit]")
    thief.wait_for_url("**/login")
    thief.fill("#email", alice)
    thief.fill("#password", "a thief in the mailbox types this")
    thief.click("main .form [type=submit]")
    expect(thief.get_by_role("heading", name="Two-factor authentication")).to_be_visible()
    give_code(thief, phone.wrong_code)
    expect(thief.get_by_role("alert")).to_contain_text(
        "incorrect, has expired or was already used"
    )
    thief.goto("/account")
    expect(thief).to_have_url(re.compile("/login"))


def test_a_lost_phone_is_replaced_with_a_recovery_code(site: Site, alice: str, page: Page) -> None:
    give_password(page, alice)
    page.goto("/two-factor")
    give_code(page, scan(page).code())
    paper = codes_on(page)
    sign_out(page)
    give_password(page, alice)
    give_code(page, paper[0])
    page.goto("/two-factor")
    page.get_by_role("button", name="Remove authenticator app").click()
    expect(page.get_by_text("Authenticator app removed.")).to_be_visible()
    new = scan(page)
    give_code(page, new.code())
    assert not set(codes_on(page)) & set(paper)
    sign_out(page)
    give_password(page, alice)
    give_code(page, new.code(1))
    expect(page).to_have_url(re.compile("/account$"))
