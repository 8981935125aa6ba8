"""Open the pages for signing in, in each state."""

from playwright.sync_api import Page

from tests.conftest import PASSWORD
from tests.framework.browser.page_states import (
    ERIN,
    SEND,
    Shown,
    clicked,
    filled,
    opened,
    sent,
    too_late,
)
from tests.framework.browser.served_site import Site


def saved_form(page: Page, site: Site) -> None:
    """Send a form after the login session has ended: the form is saved until the sign-in."""
    page.goto("/account")
    page.fill("#display_name", "Charlie")
    site.sign_out_everywhere("charlie@example.com")
    site.kept.pop("charlie")
    page.click(SEND)
    page.wait_for_selector("#password")


def gone_on(page: Page, site: Site) -> None:
    saved_form(page, site)
    page.fill("#email", "charlie@example.com")
    page.fill("#password", PASSWORD)
    page.click(SEND)
    page.wait_for_selector("main .facts")


SHOWN = [
    Shown("auth/login", "late", too_late("/login", SEND, email=ERIN)),
    Shown("auth/login", "empty", opened("/login")),
    Shown("auth/login", "error", sent("/login")),
    Shown("auth/login", "refused", sent("/login", email="nobody@example.com", password="wrong")),
    Shown("auth/login", "filled", filled("/login", email="alice@example.com", password="secret")),
    Shown("auth/login", "shown password", clicked("/login", "[data-show-password]")),
    Shown("auth/login", "languages", clicked("/login", ".menu summary")),
    Shown("auth/login", "saved_form", saved_form, "charlie"),
    Shown("auth/continue", "filled", gone_on, "charlie"),
    Shown("auth/prove", "empty", opened("/prove"), "alice"),
    Shown("auth/prove", "error", sent("/prove"), "alice"),
    Shown("auth/login", "first run", opened("/login"), is_workshop=True),
]
