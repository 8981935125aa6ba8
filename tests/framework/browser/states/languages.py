"""The states of the language menu."""

from tests.framework.browser.page_states import PageState, clicked

PAGE_STATES = [PageState("auth/login", "languages", clicked("/login", ".menu summary"))]
