"""Emails, as /dev/mail shows them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.framework.browser.served_site import Site
from tests.framework.browser.states.dev import mailed


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "244, 247, 247"), ("dark", "12, 18, 20")]
)
def test_an_email_follows_the_color_scheme_of_the_system(
    scheme: str, background: str, debug_site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(debug_site, color_scheme=scheme).new_page()
    mailed(page, debug_site)
    body = page.frame_locator("iframe.email-html").locator("body")
    expect(body).to_have_css("background-color", f"rgb({background})")
