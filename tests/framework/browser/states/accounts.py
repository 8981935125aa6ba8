"""Open the pages of an account in each state."""

from playwright.sync_api import Page

from app.mail.suppression import suppress
from tests.framework.browser.page_states import ERIN, LONG, SEND, PageState, filled, opened, sent
from tests.framework.browser.served_site import Site


def notified_of_expiry(page: Page, site: Site) -> None:
    page.goto("/account")
    page.eval_on_selector(".login-notice .note", "note => { note.hidden = false }")


def to_choose_a_password(page: Page, site: Site) -> None:
    sent("/register", email=ERIN)(page, site)
    page.goto(site.wait_for_link(ERIN, "/confirm/"))


def choose_a_weak_password(page: Page, site: Site) -> None:
    to_choose_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def change_address(page: Page, site: Site) -> None:
    sent("/account/email", email="bob@new.example")(page, site)


def to_confirm(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.wait_for_link("bob@new.example", "/confirm/"))


def to_keep_the_address(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.wait_for_link("bob@example.com", "/account/email/keep/"))


def to_set_a_password(page: Page, site: Site) -> None:
    sent("/reset", email="bob@example.com")(page, site)
    page.goto(site.wait_for_link("bob@example.com", "/reset/"))


def set_a_weak_password(page: Page, site: Site) -> None:
    to_set_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def with_a_rejected_address(page: Page, site: Site) -> None:
    site.create_account("walter")
    with site.user_rows("walter@example.com") as user:
        suppress(user.email, "550 5.1.1 unknown user", is_bounce=True)
    site.sign_in(page.context, "walter")
    page.goto("/account")


def with_a_suppressed_address(page: Page, site: Site) -> None:
    site.create_account("wendy")
    with site.user_rows("wendy@example.com") as user:
        suppress(user.email)
    site.sign_in(page.context, "wendy")
    page.goto("/account")


PAGE_STATES = [
    PageState("accounts/account", "rejected address", with_a_rejected_address),
    PageState("accounts/account", "suppressed address", with_a_suppressed_address),
    PageState("accounts/account", "empty", opened("/account"), "bob"),
    PageState("accounts/account", "filled", filled("/account", display_name=LONG), "alice"),
    PageState("accounts/account", "error", sent("/account", display_name="x" * 500), "bob"),
    PageState("accounts/account", "saved", sent("/account", display_name="Alice"), "alice"),
    PageState("accounts/account", "login ends soon", notified_of_expiry, "alice"),
    PageState("accounts/register", "empty", opened("/register")),
    PageState("accounts/register", "error", sent("/register", email="erin")),
    PageState("accounts/register", "filled", filled("/register", email=ERIN)),
    PageState("accounts/check_mail", "empty", opened("/check-mail")),
    PageState("accounts/check_mail", "sent", sent("/reset", email="nobody@example.com")),
    PageState("accounts/choose_password", "empty", to_choose_a_password),
    PageState("accounts/choose_password", "error", choose_a_weak_password),
    PageState("accounts/confirm", "asked", to_confirm, "bob"),
    PageState("accounts/keep_email", "asked", to_keep_the_address, "bob"),
    PageState("accounts/link_expired", "unknown", opened("/confirm/nonsense")),
    PageState("accounts/reset", "empty", opened("/reset")),
    PageState("accounts/reset", "error", sent("/reset")),
    PageState("accounts/set_password", "empty", to_set_a_password),
    PageState("accounts/set_password", "error", set_a_weak_password),
    PageState("accounts/password", "empty", opened("/account/password"), "alice"),
    PageState("accounts/password", "error", sent("/account/password"), "alice"),
    PageState("accounts/email", "empty", opened("/account/email"), "alice"),
    PageState("accounts/email", "error", sent("/account/email", email="alice"), "alice"),
    PageState("accounts/delete", "asked", opened("/account/delete"), "alice"),
]
