"""S3: the notice shortly before a login session expires."""

from playwright.sync_api import Page, expect

from tests.framework.browser.served_site import Site
from tests.framework.browser.sign_in_form import sign_in


def test_s3_the_notice_is_shown_in_time_and_staying_keeps_the_form(page: Page, alice: str) -> None:
    page.clock.install()
    sign_in(page, alice)
    page.get_by_label("Name").fill("Half typ")
    notice = page.get_by_text("You will be signed out soon")
    page.clock.fast_forward("54:00")
    expect(notice).to_be_hidden()
    page.clock.fast_forward("01:30")
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(notice).to_be_hidden()
    expect(page.get_by_label("Name")).to_have_value("Half typ")
    page.clock.fast_forward("55:30")
    expect(notice).to_be_visible()


def test_s3_staying_after_the_login_session_ended_shows_the_sign_in_page(
    page: Page, alice: str, site: Site
) -> None:
    page.clock.install()
    sign_in(page, alice)
    page.clock.fast_forward("55:30")
    site.sign_out_everywhere(alice)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
