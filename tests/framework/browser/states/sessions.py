"""Open the pages of devices and of a login that ends, in each state."""

from tests.framework.browser.page_states import Shown, opened

SHOWN = [
    Shown("sessions/stay", "empty", opened("/stay"), "alice"),
    Shown("sessions/devices", "empty", opened("/devices"), "bob"),
    Shown("sessions/devices", "filled", opened("/devices"), "alice"),
]
