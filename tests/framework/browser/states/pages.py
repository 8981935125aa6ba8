"""Open the home page in each state."""

from tests.framework.browser.page_states import Shown, opened

SHOWN = [
    Shown("pages/home", "visitor", opened("/")),
    Shown("pages/home", "signed in", opened("/"), "alice"),
]
