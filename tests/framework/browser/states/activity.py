"""Open the page of security events in each state."""

from tests.framework.browser.page_states import PageState, opened

PAGE_STATES = [
    PageState("activity/activity", "filled", opened("/activity"), "alice"),
    PageState("activity/activity", "empty", opened("/activity?before=1"), "alice"),
]
