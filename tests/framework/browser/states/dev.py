"""Open the pages of development in each state."""

from playwright.sync_api import Page

from tests.framework.browser.page_states import Shown, opened
from tests.framework.browser.served_site import Site

NOTICE = "/dev/mail/sample/accounts/mail/notice"


def mailed(page: Page, site: Site) -> None:
    """Send an email in debug mode, and open it in the outbox."""
    site.writes_a_mail()
    page.goto("/dev/mail")
    page.click("main .links a")
    page.wait_for_selector("iframe.email-html")


SHOWN = [
    Shown("dev/components", "all", opened("/dev/components"), is_workshop=True),
    Shown("dev/mail", "empty", opened("/dev/mail"), is_workshop=True),
    Shown("dev/message", "filled", mailed, is_workshop=True),
    Shown("dev/sample", "asked", opened(NOTICE), is_workshop=True),
    Shown("dev/mail", "filled", opened("/dev/mail"), is_workshop=True),
]
