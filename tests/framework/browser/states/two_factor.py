"""Open the pages of two-factor authentication in each state."""

from itertools import count

from playwright.sync_api import Page

from tests.conftest import PASSWORD
from tests.framework.browser.page_states import PageState
from tests.framework.browser.served_site import Site
from tests.two_factor.phones import Phone

GRACES = count(1)


def give_password(page: Page, address: str) -> None:
    page.goto("/login")
    page.fill("#email", address)
    page.fill("#password", PASSWORD)
    page.click("main .form [type=submit]")
    page.wait_for_load_state()


def to_set_up(page: Page, site: Site) -> str:
    """Sign in with a new account, and open the page; return the email address."""
    address = site.create_account(f"grace-{next(GRACES)}")
    give_password(page, address)
    page.goto("/two-factor")
    return address


def give_code(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.click("main .form [type=submit]")
    page.wait_for_load_state()


def set_up_wrongly(page: Page, site: Site) -> None:
    to_set_up(page, site)
    give_code(page, scan(page).wrong_code)


def scan(page: Page) -> Phone:
    return Phone(page.locator(".secret").inner_text())


def to_codes(page: Page, site: Site) -> str:
    address = to_set_up(page, site)
    give_code(page, scan(page).code())
    page.wait_for_url("**/recovery-codes")
    return address


def turned_on(page: Page, site: Site) -> None:
    to_codes(page, site)
    page.goto("/two-factor")


def to_second_step(page: Page, site: Site) -> list[str]:
    """Enter the password of a user with a second factor; return the recovery codes."""
    address = to_codes(page, site)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    page.context.clear_cookies()
    give_password(page, address)
    return codes


def second_step_refused(page: Page, site: Site) -> None:
    to_second_step(page, site)
    give_code(page, "nonsense")


def second_step_too_often(page: Page, site: Site) -> None:
    to_second_step(page, site)
    for _ in range(6):
        give_code(page, "nonsense")


def device_trusted(page: Page, site: Site) -> None:
    codes = to_second_step(page, site)
    page.check("#trust")
    give_code(page, codes[0])
    page.goto("/devices")


def with_one_code_used(page: Page, site: Site) -> None:
    give_code(page, to_second_step(page, site)[0])
    page.goto("/account")


PAGE_STATES = [
    PageState("accounts/account", "with second factor", with_one_code_used),
    PageState("sessions/devices", "trusted", device_trusted),
    PageState("two_factor/two_factor", "offered", to_set_up),
    PageState("two_factor/two_factor", "error", set_up_wrongly),
    PageState("two_factor/two_factor", "on", turned_on),
    PageState("two_factor/recovery_codes", "shown", to_codes),
    PageState("two_factor/second", "asked", to_second_step),
    PageState("two_factor/second", "error", second_step_refused),
    PageState("two_factor/second", "too often", second_step_too_often),
]
