"""Open the page of the data export in each state."""

from playwright.sync_api import Page

from tests.framework.browser.page_states import PageState, opened, sent
from tests.framework.browser.served_site import Site


def export_made(page: Page, site: Site) -> None:
    sent("/account/export")(page, site)
    while page.get_by_text("Check again").count():
        page.reload()


def export_pending(page: Page, site: Site) -> None:
    """Request an export while background jobs do not run."""
    site.create_account("frank")
    site.sign_in(page.context, "frank")
    sent("/account/export")(page, site)


PAGE_STATES = [
    PageState("export/export", "empty", opened("/account/export"), "bob"),
    PageState("export/export", "made", export_made, "alice"),
    PageState("export/export", "asked for", export_pending, in_debug_mode=True),
]
