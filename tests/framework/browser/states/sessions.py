"""Open the pages of devices and of a login that ends, in each state."""

from tests.framework.browser.page_states import PageState, opened

PAGE_STATES = [
    PageState("sessions/stay", "empty", opened("/stay"), "alice"),
    PageState("sessions/devices", "empty", opened("/devices"), "bob"),
    PageState("sessions/devices", "filled", opened("/devices"), "alice"),
]
