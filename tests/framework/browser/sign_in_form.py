"""Sign in and out with the forms, in a browser."""

import re

from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD


def sign_in(page: Page, email: str, *, remembered: bool = False) -> None:
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.set_checked("#remember", remembered)
    page.click("main .form [type=submit]")
    expect(page).to_have_url(re.compile("/account$"))


def sign_out(page: Page) -> None:
    button = page.locator("form[action='/logout'] [type=submit]")
    button.first.click()
    expect(button).to_have_count(0)
