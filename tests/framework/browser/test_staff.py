"""A day of support, on a phone and with the keyboard alone, and what an admin does after it."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from app.sessions.models import LoginSession
from tests.framework.browser.keyboard import Keyboard
from tests.framework.browser.screenshots import Watched
from tests.framework.browser.served_site import Site
from tests.framework.browser.states.staff import sign_in_as_staff

PHONE = {"width": 375, "height": 667}


def logins_of(site: Site, address: str) -> int:
    with site.user_rows(address) as user:
        return LoginSession.query.filter_by(user_id=user.id).count()


def open_person(hands: Keyboard, address: str) -> None:
    hands.open("/staff/people")
    hands.type("Search by the start of the email address", address[:8])
    with hands.page.expect_navigation():
        hands.press("Search")
    hands.press(address, then=address)


def act(hands: Keyboard, button: str, page: Page, outcome: str) -> None:
    hands.type("Reason", "Asked by phone.")
    with page.expect_navigation():
        hands.press(button)
    page.wait_for_selector(f"text={outcome}")


def test_a_day_of_support_and_of_an_admin(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    address = site.create_account("violet")
    site.add_phone_logins(address, 2)
    page = new_browser(site, viewport=PHONE).new_page()
    watched, hands = Watched(page), Keyboard(page)

    sign_in_as_staff(page, site, "support")
    open_person(hands, address)
    assert page.get_by_text("Chrome on Android").count() == 2
    act(hands, "End all logins", page, "The user is signed out of all devices.")
    assert logins_of(site, address) == 0
    act(hands, "Send password reset", page, "The user is sent a link to set a new password.")
    site.wait_for_link(address, "/reset/")
    assert page.get_by_text("Disable account").count() == 0
    hands.press("Sign out", then="Sign in")

    sign_in_as_staff(page, site, "admin")
    open_person(hands, address)
    assert page.get_by_text("Reason: Asked by phone.").count() == 2
    act(hands, "Disable account", page, "The account is disabled")
    act(hands, "Enable account", page, "The account is enabled.")
    assert site.find(address).is_active
    assert not watched.errors


def test_enter_in_the_reason_presses_no_button(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    address = site.create_account("walburga")
    page = new_browser(site, viewport=PHONE).new_page()
    hands = Keyboard(page)
    sign_in_as_staff(page, site, "admin")
    open_person(hands, address)
    hands.type("Reason", "Asked by phone.")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.get_by_label("Reason").first.input_value() == "Asked by phone."
