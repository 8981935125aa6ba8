"""Open the pages of an account in each state."""

from playwright.sync_api import Page

from tests.framework.browser.page_states import ERIN, LONG, SEND, Shown, filled, opened, sent
from tests.framework.browser.served_site import Site


def told_of_the_end(page: Page, site: Site) -> None:
    page.goto("/account")
    page.eval_on_selector(".login-notice .note", "note => { note.hidden = false }")


def to_choose_a_password(page: Page, site: Site) -> None:
    sent("/register", email=ERIN)(page, site)
    page.goto(site.path_mailed_to(ERIN, "/confirm/"))


def choose_a_weak_password(page: Page, site: Site) -> None:
    to_choose_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def change_address(page: Page, site: Site) -> None:
    sent("/account/email", email="bob@new.example")(page, site)


def to_confirm(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.path_mailed_to("bob@new.example", "/confirm/"))


def to_keep_the_address(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.path_mailed_to("bob@example.com", "/account/email/keep/"))


def to_set_a_password(page: Page, site: Site) -> None:
    sent("/reset", email="bob@example.com")(page, site)
    page.goto(site.path_mailed_to("bob@example.com", "/reset/"))


def set_a_weak_password(page: Page, site: Site) -> None:
    to_set_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def export_made(page: Page, site: Site) -> None:
    sent("/account/export")(page, site)
    while page.get_by_text("Check again").count():
        page.reload()


def export_asked_for(page: Page, site: Site) -> None:
    """Request an export while background jobs do not run."""
    site.has("frank")
    site.sign_in(page.context, "frank")
    sent("/account/export")(page, site)


SHOWN = [
    Shown("accounts/account", "empty", opened("/account"), "bob"),
    Shown("accounts/account", "filled", filled("/account", display_name=LONG), "alice"),
    Shown("accounts/account", "error", sent("/account", display_name="x" * 500), "bob"),
    Shown("accounts/account", "saved", sent("/account", display_name="Alice"), "alice"),
    Shown("accounts/account", "login ends soon", told_of_the_end, "alice"),
    Shown("accounts/register", "empty", opened("/register")),
    Shown("accounts/register", "error", sent("/register", email="erin")),
    Shown("accounts/register", "filled", filled("/register", email=ERIN)),
    Shown("accounts/check_mail", "empty", opened("/check-mail")),
    Shown("accounts/check_mail", "sent", sent("/reset", email="nobody@example.com")),
    Shown("accounts/choose_password", "empty", to_choose_a_password),
    Shown("accounts/choose_password", "error", choose_a_weak_password),
    Shown("accounts/confirm", "asked", to_confirm, "bob"),
    Shown("accounts/keep_email", "asked", to_keep_the_address, "bob"),
    Shown("accounts/link_expired", "unknown", opened("/confirm/nonsense")),
    Shown("accounts/reset", "empty", opened("/reset")),
    Shown("accounts/reset", "error", sent("/reset")),
    Shown("accounts/set_password", "empty", to_set_a_password),
    Shown("accounts/set_password", "error", set_a_weak_password),
    Shown("accounts/password", "empty", opened("/account/password"), "alice"),
    Shown("accounts/password", "error", sent("/account/password"), "alice"),
    Shown("accounts/email", "empty", opened("/account/email"), "alice"),
    Shown("accounts/email", "error", sent("/account/email", email="alice"), "alice"),
    Shown("accounts/export", "empty", opened("/account/export"), "bob"),
    Shown("accounts/export", "made", export_made, "alice"),
    Shown("accounts/delete", "asked", opened("/account/delete"), "alice"),
    Shown("accounts/export", "asked for", export_asked_for, is_workshop=True),
]
