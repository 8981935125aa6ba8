"""Signing in and out, and the theme."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.framework.browser.sign_in_form import sign_in, sign_out


def background(page: Page) -> str:
    """Return the computed background color of the page."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def is_dark(colour: str) -> bool:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) < 3 * 64


def test_alice_signs_in_chooses_the_dark_theme_and_signs_out(page: Page, alice: str) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Sign in", exact=True).first.click()
    sign_in(page, alice)
    assert not is_dark(background(page))
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page).to_have_url(re.compile("/account$"))
    assert is_dark(background(page))
    sign_out(page)
    assert is_dark(background(page))


def test_a_wrong_password_is_reported_and_the_email_is_kept(page: Page, alice: str) -> None:
    page.goto("/login")
    page.get_by_label("Email address").fill(alice)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect email or password")
    expect(page.get_by_label("Email address")).to_have_value(alice)


def test_a_password_can_be_shown(page: Page, alice: str) -> None:
    page.goto("/login")
    password = page.get_by_label("Password", exact=True)
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")


def test_the_back_button_shows_nothing_after_signing_out(page: Page, alice: str) -> None:
    sign_in(page, alice)
    expect(page.get_by_text(alice)).to_be_visible()
    sign_out(page)
    page.go_back()
    expect(page.get_by_text(alice)).to_have_count(0)
    expect(page).to_have_url(re.compile("/login"))


def test_a_remembered_alice_stays_signed_in_until_she_signs_out(
    context: BrowserContext, page: Page, alice: str
) -> None:
    sign_in(page, alice, remembered=True)
    context.clear_cookies(name="session")  # as closing the browser does
    page.goto("/account")
    expect(page.get_by_text(alice)).to_be_visible()
    sign_out(page)
    page.goto("/account")
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_visitor_sees_the_theme_of_their_system(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a parameter of the test
    page.goto("/")
    assert is_dark(background(page)) == (scheme == "dark")
