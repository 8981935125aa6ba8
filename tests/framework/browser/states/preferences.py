"""Open the page of preferences in each state."""

from tests.framework.browser.page_states import Shown, opened, sent

SHOWN = [
    Shown("preferences/preferences", "visitor", opened("/preferences")),
    Shown("preferences/preferences", "saved", sent("/preferences")),
    Shown("preferences/preferences", "signed in", opened("/preferences"), "alice"),
]
