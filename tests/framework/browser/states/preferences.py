"""Open the page of preferences in each state."""

from tests.framework.browser.page_states import PageState, opened, sent

PAGE_STATES = [
    PageState("preferences/preferences", "visitor", opened("/preferences")),
    PageState("preferences/preferences", "saved", sent("/preferences")),
    PageState("preferences/preferences", "signed in", opened("/preferences"), "alice"),
]
