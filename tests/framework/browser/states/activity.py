"""Open the page of security events in each state."""

from tests.framework.browser.page_states import Shown, opened

SHOWN = [
    Shown("activity/activity", "filled", opened("/activity"), "alice"),
    Shown("activity/activity", "empty", opened("/activity?before=1"), "alice"),
]
