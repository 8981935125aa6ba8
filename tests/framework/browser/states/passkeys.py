"""Open the pages of passkeys in each state."""

from playwright.sync_api import Page

from tests.conftest import PASSWORD, shared_app
from tests.framework.browser.page_states import LONG, Act, Shown, opened, sent
from tests.framework.browser.served_site import Site
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import give


def give_passkeys(site: Site, address: str, *names: str) -> None:
    """Add passkeys whose private keys the browser lacks."""
    app = shared_app(site.database_url)
    for name in names:
        give(app, site.find(address), Authenticator(may_be_copied="phone" in name), name)


def has_two_passkeys(act: Act) -> Act:
    """Sign in as Olivia, who has a password and two passkeys."""

    def act_as_olivia(page: Page, site: Site) -> None:
        if "olivia" in site.kept:
            site.sign_in(page.context, "olivia")
        else:
            address = site.has("olivia")
            site.sign_in(page.context, "olivia")
            give_passkeys(site, address, "Work phone", LONG[:60])
        act(page, site)

    return act_as_olivia


def passkey_opened(page: Page, site: Site) -> None:
    page.goto("/passkeys")
    page.click("main .device a")
    page.wait_for_selector("#name")


def passkey_named_nothing(page: Page, site: Site) -> None:
    passkey_opened(page, site)
    page.fill("#name", "")
    page.click("main .form [type=submit]")
    page.wait_for_selector("[data-error-summary]")


def without_password(page: Page, site: Site) -> None:
    """Sign in as a user who has removed the password."""
    address = site.has("peggy")
    site.sign_in(page.context, "peggy")
    give_passkeys(site, address, "Phone", "Key ring")
    with site.person(address) as peggy:
        peggy.password_hash = None


def to_passkeys_without_password(page: Page, site: Site) -> None:
    without_password(page, site)
    page.goto("/passkeys")


def second_step_by_passkey(page: Page, site: Site) -> None:
    give_passkeys(site, site.has("quentin"), "Phone")
    sent("/login", email="quentin@example.com", password=PASSWORD)(page, site)
    page.wait_for_url("**/login/second")


def passkey_refused(page: Page, site: Site) -> None:
    """Send an invalid passkey response, as the script would."""
    page.goto("/login")
    page.eval_on_selector(
        "[data-passkey]", "form => { form.elements.credential.value = 'x'; form.submit(); }"
    )
    page.wait_for_selector("[data-error-summary]")


def passkey_under_another_name(page: Page, site: Site) -> None:
    """Request a passkey on 127.0.0.1, where passkeys do not work."""
    page.goto("/login")
    page.click("[data-passkey] button")
    page.wait_for_selector("[data-message]:not(:empty)")


SHOWN = [
    Shown("auth/login", "passkey refused", passkey_refused),
    Shown("auth/login", "passkey impossible", passkey_under_another_name),
    Shown("auth/prove", "with a passkey", has_two_passkeys(opened("/prove"))),
    Shown("two_factor/second", "with a passkey", second_step_by_passkey),
    Shown("passkeys/passkeys", "empty", opened("/passkeys"), "bob"),
    Shown("passkeys/passkeys", "filled", has_two_passkeys(opened("/passkeys"))),
    Shown("passkeys/passkeys", "without password", to_passkeys_without_password),
    Shown("passkeys/passkey", "filled", has_two_passkeys(passkey_opened)),
    Shown("passkeys/passkey", "error", has_two_passkeys(passkey_named_nothing)),
    Shown("auth/prove", "without password", opened("/prove"), "peggy"),
    Shown("accounts/password", "without password", opened("/account/password"), "peggy"),
]
