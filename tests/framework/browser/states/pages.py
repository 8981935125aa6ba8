"""Open the home page in each state."""

from tests.framework.browser.page_states import PageState, opened

PAGE_STATES = [
    PageState("pages/home", "visitor", opened("/")),
    PageState("pages/home", "signed in", opened("/"), "alice"),
]
