"""Open the pages of devices and of a login that ends, in each state."""

from playwright.sync_api import Page

from tests.framework.browser.page_states import PageState, opened, to_second_page
from tests.framework.browser.served_site import Site


def second_of_many_devices(page: Page, site: Site) -> None:
    site.add_phone_logins(site.create_account("ruth"), 60)
    site.sign_in(page.context, "ruth")
    to_second_page("/devices", page)


PAGE_STATES = [
    PageState("sessions/stay", "empty", opened("/stay"), "alice"),
    PageState("sessions/devices", "empty", opened("/devices"), "bob"),
    PageState("sessions/devices", "filled", opened("/devices"), "alice"),
    PageState("sessions/devices", "many", second_of_many_devices),
]
