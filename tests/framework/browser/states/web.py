"""Open the pages of errors, and the form that is shown again."""

from tests.framework.browser.page_states import Shown, opened, too_late

SHOWN = [
    Shown("error", "404", opened("/nowhere")),
    Shown("error", "405", opened("/logout")),
    Shown("send_again", "asked", too_late("/account", ".site-nav [type=submit]"), "alice"),
]
