"""Open the pages of development in each state."""

from playwright.sync_api import Page

from tests.framework.browser.page_states import PageState, opened
from tests.framework.browser.served_site import Site

NOTICE = "/dev/mail/sample/accounts/mail/notice"


def mailed(page: Page, site: Site) -> None:
    """Send an email in debug mode, and open it in the outbox."""
    site.send_mail()
    page.goto("/dev/mail")
    page.click("main .links a")
    page.wait_for_selector("iframe.email-html")


PAGE_STATES = [
    PageState("dev/components", "all", opened("/dev/components"), in_debug_mode=True),
    PageState("dev/mail", "empty", opened("/dev/mail"), in_debug_mode=True),
    PageState("dev/message", "filled", mailed, in_debug_mode=True),
    PageState("dev/sample", "asked", opened(NOTICE), in_debug_mode=True),
    PageState("dev/mail", "filled", opened("/dev/mail"), in_debug_mode=True),
]
