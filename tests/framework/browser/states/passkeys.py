"""Open the pages of passkeys in each state."""

from playwright.sync_api import Page

from tests.conftest import PASSWORD, shared_app
from tests.framework.browser.page_states import LONG, Act, PageState, opened, sent
from tests.framework.browser.served_site import Site
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import store_passkey


def add_passkeys(site: Site, address: str, *names: str) -> None:
    """Add passkeys whose private keys the browser lacks."""
    app = shared_app(site.database_url)
    for name in names:
        store_passkey(app, site.find(address), Authenticator(may_be_copied="phone" in name), name)


def has_two_passkeys(act: Act) -> Act:
    """Sign in as Olivia, who has a password and two passkeys."""

    def act_as_olivia(page: Page, site: Site) -> None:
        if "olivia" in site.signed_in:
            site.sign_in(page.context, "olivia")
        else:
            address = site.create_account("olivia")
            site.sign_in(page.context, "olivia")
            add_passkeys(site, address, "Work phone", LONG[:60])
        act(page, site)

    return act_as_olivia


def passkey_page(page: Page, site: Site) -> None:
    page.goto("/passkeys")
    page.click("main .list-row a")
    page.wait_for_selector("#name")


def passkey_with_empty_name(page: Page, site: Site) -> None:
    passkey_page(page, site)
    page.fill("#name", "")
    page.click("main .form [type=submit]")
    page.wait_for_selector("[data-error-summary]")


def without_password(page: Page, site: Site) -> None:
    """Sign in as a user who has removed the password."""
    address = site.create_account("peggy")
    site.sign_in(page.context, "peggy")
    add_passkeys(site, address, "Phone", "Key ring")
    with site.user_rows(address) as peggy:
        peggy.password_hash = None


def to_passkeys_without_password(page: Page, site: Site) -> None:
    without_password(page, site)
    page.goto("/passkeys")


def second_step_by_passkey(page: Page, site: Site) -> None:
    add_passkeys(site, site.create_account("quentin"), "Phone")
    sent("/login", email="quentin@example.com", password=PASSWORD)(page, site)
    page.wait_for_url("**/login/second")


def passkey_refused(page: Page, site: Site) -> None:
    """Send an invalid passkey response, as the script would."""
    page.goto("/login")
    page.eval_on_selector(
        "[data-passkey]", "form => { form.elements.credential.value = 'x'; form.submit(); }"
    )
    page.wait_for_selector("[data-error-summary]")


def passkey_on_ip_address(page: Page, site: Site) -> None:
    """Request a passkey on 127.0.0.1, where passkeys do not work."""
    page.goto("/login")
    page.click("[data-passkey] button")
    page.wait_for_selector("[data-message]:not(:empty)")


PAGE_STATES = [
    PageState("auth/login", "passkey refused", passkey_refused),
    PageState("auth/login", "passkey impossible", passkey_on_ip_address),
    PageState("auth/prove", "with a passkey", has_two_passkeys(opened("/prove"))),
    PageState("two_factor/second", "with a passkey", second_step_by_passkey),
    PageState("passkeys/passkeys", "empty", opened("/passkeys"), "bob"),
    PageState("passkeys/passkeys", "filled", has_two_passkeys(opened("/passkeys"))),
    PageState("passkeys/passkeys", "without password", to_passkeys_without_password),
    PageState("passkeys/passkey", "filled", has_two_passkeys(passkey_page)),
    PageState("passkeys/passkey", "error", has_two_passkeys(passkey_with_empty_name)),
    PageState("auth/prove", "without password", opened("/prove"), "peggy"),
    PageState("accounts/password", "without password", opened("/account/password"), "peggy"),
]
