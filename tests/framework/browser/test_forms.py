"""Forms work with password managers, the keyboards of phones, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import PASSWORD
from tests.framework.browser.served_site import Site

# Name, type and first token of autocomplete of each field (WHATWG HTML, 4.10.18.7).
EMAIL = ("email", "email", "username")
CURRENT = ("password", "password", "current-password")
NEW = ("password", "password", "new-password")
FIELDS = """form => [...form.elements].filter((it) => it.name && it.checkVisibility()
  && !["submit", "checkbox"].includes(it.type))
  .map((it) => [it.name, it.type, it.autocomplete.split(" ")[0]])"""


def fields(page: Page) -> list[tuple[str, ...]]:
    found: list[list[str]] = page.eval_on_selector("main .form", FIELDS)
    return [tuple(field) for field in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/login", [EMAIL, CURRENT]), ("/register", [EMAIL]), ("/reset", [EMAIL])],
)
def test_forms_of_visitors_can_be_filled_in_automatically(
    page: Page, path: str, expected: list[tuple[str, ...]]
) -> None:
    page.goto(path)
    assert fields(page) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/prove", [EMAIL, CURRENT]),
        ("/account/password", [EMAIL, ("current_password", "password", "current-password"), NEW]),
        ("/account/email", [("email", "email", "email")]),
        ("/account", [("display_name", "text", "name")]),
    ],
)
def test_forms_of_users_can_be_filled_in_automatically(
    page: Page, site: Site, people: None, path: str, expected: list[tuple[str, ...]]
) -> None:
    site.sign_in(page.context, "alice")
    page.goto(path)
    assert fields(page) == expected


def test_a_password_manager_sees_the_account_of_a_reset_password(
    page: Page, site: Site, alice: str
) -> None:
    page.goto("/reset")
    page.fill("#email", alice)
    page.click("main .form [type=submit]")
    page.goto(site.wait_for_link(alice, "/reset/"))
    assert fields(page) == [EMAIL, NEW]
    assert page.input_value("#email") == alice


def test_a_password_manager_sees_the_account_of_a_new_password(page: Page, site: Site) -> None:
    address = "gina@example.com"
    page.goto("/register")
    page.fill("#email", address)
    page.click("main .form [type=submit]")
    page.goto(site.wait_for_link(address, "/confirm/"))
    assert fields(page) == [EMAIL, NEW]
    assert page.input_value("#email") == address


def test_a_form_without_its_cookie_is_shown_again_and_can_be_sent(page: Page, alice: str) -> None:
    page.goto("/login")
    page.wait_for_load_state("networkidle")  # a later response would set the cookie again
    page.context.clear_cookies()
    page.fill("#email", alice)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("was open for too long")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#email")).to_have_value(alice)
    expect(page.locator("#password")).to_have_value("")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")


def test_passwords_can_be_pasted(page: Page) -> None:
    """Pasting is allowed, and nothing limits what may be pasted (ASVS 5.0, 6.2.7)."""
    page.goto("/login")
    page.evaluate("navigator.clipboard.writeText('a pasted password of some length')")
    page.focus("#password")
    page.keyboard.press("ControlOrMeta+v")
    assert page.input_value("#password") == "a pasted password of some length"


def test_a_password_is_shown_and_hidden_again_before_it_is_sent(page: Page) -> None:
    page.goto("/login")
    page.fill("#password", "secret")
    page.click("[data-show-password]")
    assert page.get_attribute("#password", "type") == "text"
    page.click("main .form [type=submit]")
    page.wait_for_selector("[data-error-summary]")
    assert page.get_attribute("#password", "type") == "password"


def test_caps_lock_is_shown(page: Page) -> None:
    page.goto("/login")
    page.focus("#password")
    page.dispatch_event("#password", "keydown", {"key": "A", "modifierCapsLock": True})
    assert page.get_by_text("Caps lock is on.").is_visible()


def test_a_double_click_sends_once(page: Page) -> None:
    page.goto("/reset")
    sent: list[str] = []
    page.on("request", lambda it: sent.append(it.url) if it.method == "POST" else None)
    page.fill("#email", "nobody@example.com")
    page.dblclick("main .form [type=submit]")
    page.wait_for_url("**/check-mail")
    assert len(sent) == 1


def test_pages_without_javascript_show_all_their_content(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site, java_script_enabled=False).new_page()
    page.goto("/login")
    assert not page.locator("[data-show-password]").is_visible()
    page.click("main .form [type=submit]")
    assert page.locator(".error-summary").is_visible()
