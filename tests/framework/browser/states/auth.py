"""Open the pages for signing in, in each state."""

from playwright.sync_api import Page

from tests.conftest import PASSWORD
from tests.framework.browser.page_states import (
    ERIN,
    SEND,
    PageState,
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
    site.signed_in.pop("charlie")
    page.click(SEND)
    page.wait_for_selector("#password")


def continued(page: Page, site: Site) -> None:
    saved_form(page, site)
    page.fill("#email", "charlie@example.com")
    page.fill("#password", PASSWORD)
    page.click(SEND)
    page.wait_for_selector("main .facts")


PAGE_STATES = [
    PageState("auth/login", "late", too_late("/login", SEND, email=ERIN)),
    PageState("auth/login", "empty", opened("/login")),
    PageState("auth/login", "error", sent("/login")),
    PageState(
        "auth/login", "refused", sent("/login", email="nobody@example.com", password="wrong")
    ),
    PageState(
        "auth/login", "filled", filled("/login", email="alice@example.com", password="secret")
    ),
    PageState("auth/login", "shown password", clicked("/login", "[data-show-password]")),
    PageState("auth/login", "saved_form", saved_form, "charlie"),
    PageState("auth/continue", "filled", continued, "charlie"),
    PageState("auth/prove", "empty", opened("/prove"), "alice"),
    PageState("auth/prove", "error", sent("/prove"), "alice"),
    PageState("auth/login", "first run", opened("/login"), in_debug_mode=True),
]
