"""Open the pages of errors, and the form that is shown again."""

from tests.framework.browser.page_states import PageState, opened, too_late

PAGE_STATES = [
    PageState("error", "404", opened("/nowhere")),
    PageState("error", "405", opened("/logout")),
    PageState("send_again", "asked", too_late("/account", ".site-nav [type=submit]"), "alice"),
]
