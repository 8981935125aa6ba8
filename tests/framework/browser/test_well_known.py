"""Password managers find the page for changing a password."""

from playwright.sync_api import Page

from tests.framework.browser.served_site import Site

# Password managers request it first, to see whether missing pages return 404.
MISSING_PAGE = "resource-that-should-not-exist-whose-status-code-should-not-be-200"


def test_a_password_manager_finds_the_page_to_change_a_password(
    page: Page, site: Site, people: None
) -> None:
    """W3C, A Well-Known URL for Changing Passwords."""
    site.sign_in(page.context, "alice")
    page.goto("/.well-known/change-password")
    assert page.url == f"{site.url}/account/password"
    assert page.locator("[autocomplete=new-password]").is_visible()
    assert page.request.get(f"/.well-known/{MISSING_PAGE}").status == 404
