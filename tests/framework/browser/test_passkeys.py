"""Passkeys in a browser, with a virtual authenticator."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.conftest import PASSWORD
from tests.framework.browser.screenshots import Watched
from tests.framework.browser.served_site import Site
from tests.framework.browser.sign_in_form import sign_out
from tests.passkeys.virtual_authenticator import Device
from tests.processes import wait_until

NEW_PASSWORD = "the otter reads the evening paper"


@pytest.fixture
def named(site: Site, new_browser: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Open a browser without cookies on the host name of the site."""
    return lambda **options: new_browser(site, base_url=site.named_url, **options)


@pytest.fixture
def page(named: Callable[..., BrowserContext]) -> Iterator[Page]:
    watched = Watched(named(viewport={"width": 375, "height": 780}).new_page())
    yield watched.page
    assert watched.errors == []


@pytest.fixture
def laptop(page: Page) -> Device:
    return Device(page)


# --- Steps ---------------------------------------------------------------------------------------


def type_password(page: Page, address: str, password: str = PASSWORD) -> None:
    open_login(page)
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def press(page: Page, name: str, device: Device | None = None) -> None:
    """Press a button, and confirm the request on the device."""
    if device is not None:
        device.touch()
    page.get_by_role("button", name=name).click()


def add_passkey(page: Page, device: Device, name: str) -> list[str]:
    """Add a passkey, and return the recovery codes, which the first one brings."""
    page.goto("/passkeys")
    page.get_by_label("Name").fill(name)
    press(page, "Add a passkey", device)
    expect(page.get_by_text("Passkey added.")).to_be_visible()
    device.stop_touching()
    return page.locator("#recovery-codes code").all_inner_texts()


def open_login(page: Page) -> None:
    """Open the page, and wait until it has requested passkeys for the email field."""
    page.goto("/login", wait_until="networkidle")


def sign_in_by_button(page: Page, device: Device) -> None:
    open_login(page)
    press(page, "Sign in with a passkey", device)
    expect(page).to_have_url("/account")
    device.stop_touching()


def begin(page: Page, site: Site, person: str, device: Device) -> tuple[str, list[str]]:
    """Sign in by password and add a passkey; return the email address and recovery codes."""
    address = site.create_account(person)
    type_password(page, address)
    expect(page).to_have_url("/account")
    return address, add_passkey(page, device, "Laptop")


def is_signed_in_page(page: Page) -> bool:
    return not re.search("/login", page.goto("/account").url)  # type: ignore[union-attr]  # a page has a response


# --- Use -----------------------------------------------------------------------------------------


def test_two_passkeys_are_added_used_in_every_way_and_removed(
    page: Page, site: Site, laptop: Device
) -> None:
    address, codes = begin(page, site, "grace", laptop)
    assert len(codes) == 10
    laptop.detach_from_page()
    phone = Device(page, transport="hybrid")
    assert add_passkey(page, phone, "Phone") == []
    expect(page.locator(".list-row")).to_have_count(2)
    sign_out(page)

    sign_in_by_button(page, phone)
    sign_out(page)

    type_password(page, address)
    expect(page).to_have_url(re.compile("/login/second$"))
    press(page, "Use a passkey", phone)
    expect(page).to_have_url("/account")
    phone.stop_touching()

    site.expire_reauthentication(address)
    page.goto("/account/delete")
    expect(page).to_have_url(re.compile("/prove"))
    press(page, "Use a passkey", phone)
    expect(page).to_have_url("/account/delete")
    phone.stop_touching()

    page.goto("/passkeys")
    page.get_by_role("link", name="Edit Phone").click()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("The passkey “Phone” has been removed.")).to_be_visible()
    sign_out(page)
    open_login(page)
    press(page, "Sign in with a passkey", phone)
    expect(page.get_by_text("This passkey does not belong to an account here.")).to_be_visible()
    phone.detach_from_page()

    laptop.attach(page)
    laptop.touch()
    page.goto("/login")  # where the browser offers it in the email field
    expect(page).to_have_url("/account")


def test_a_recovery_code_signs_in_a_user_without_password_who_lost_all_devices(
    page: Page, site: Site, laptop: Device
) -> None:
    address, codes = begin(page, site, "heidi", laptop)
    page.goto("/passkeys")
    page.get_by_role("button", name="Remove password").click()
    expect(page.get_by_text("Password removed.")).to_be_visible()
    page.get_by_role("link", name="Edit Laptop").click()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("The passkey “Laptop” was not removed")).to_be_visible()
    sign_out(page)
    type_password(page, address)
    expect(page.get_by_role("alert").first).to_contain_text("Incorrect email or password")
    sign_in_by_button(page, laptop)
    sign_out(page)
    laptop.detach_from_page()

    set_password_by_mail(page, site, address)
    type_password(page, address, NEW_PASSWORD)
    expect(page).to_have_url(re.compile("/login/second$"))
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url("/account")
    add_passkey(page, Device(page), "New laptop")
    expect(page.locator(".list-row")).to_have_count(2)


def set_password_by_mail(page: Page, site: Site, address: str) -> None:
    page.goto("/reset")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Send link").click()
    page.goto(site.wait_for_link(address, "/reset/"))
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page).to_have_url(re.compile("/login$"))


# --- An attacker in another browser --------------------------------------------------------------


def test_an_attacker_with_the_password_and_the_emails_cannot_sign_in(
    page: Page, site: Site, laptop: Device, named: Callable[..., BrowserContext]
) -> None:
    address, _ = begin(page, site, "ivan", laptop)
    thief = named().new_page()
    type_password(thief, address)
    expect(thief).to_have_url(re.compile("/login/second$"))
    assert not is_signed_in_page(thief)
    for path in ("/passkeys", "/two-factor", "/account/email", "/devices"):
        thief.goto(path)
        expect(thief).to_have_url(re.compile("/login"))
    set_password_by_mail(thief, site, address)
    type_password(thief, address, NEW_PASSWORD)
    expect(thief).to_have_url(re.compile("/login/second$"))
    own = Device(thief)
    press(thief, "Use a passkey", own)
    expect(thief.locator("[data-message]")).to_contain_text(
        "The request was cancelled or timed out"
    )
    assert not is_signed_in_page(thief)


def test_a_response_of_one_browser_is_refused_in_another(
    page: Page, site: Site, laptop: Device, named: Callable[..., BrowserContext]
) -> None:
    begin(page, site, "judy", laptop)
    sign_out(page)
    with page.expect_request(is_answer) as sent:
        sign_in_by_button(page, laptop)
    thief = named()
    other = thief.new_page()
    other.goto("/login")
    token = other.locator("[name=csrf_token]").first.input_value()
    fields = {**sent.value.post_data_json, "csrf_token": token}
    response = thief.request.post("/login/passkey", form=fields, max_redirects=0)
    assert response.status == 422
    assert not is_signed_in_page(other)


def is_answer(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/login/passkey")


# --- Error messages ------------------------------------------------------------------------------


def test_a_refusal_by_the_browser_is_explained(page: Page, site: Site, laptop: Device) -> None:
    open_login(page)
    press(page, "Sign in with a passkey", laptop)
    expect(page.locator("[data-message]")).to_contain_text(
        "this device has no passkey for this site"
    )
    begin(page, site, "karl", laptop)
    page.goto("/passkeys")
    press(page, "Add a passkey", laptop)
    expect(page.locator("[data-message]")).to_contain_text(
        "already has a passkey for your account"
    )
    laptop.stop_touching()
    sign_out(page)
    laptop.verifies_user(is_known=False)
    open_login(page)
    press(page, "Sign in with a passkey", laptop)
    expect(page.locator("[data-message]")).to_contain_text(
        "The request was cancelled or timed out"
    )


def test_a_copied_passkey_is_refused_and_reported_by_email(
    page: Page, site: Site, laptop: Device
) -> None:
    address, _ = begin(page, site, "lena", laptop)
    sign_out(page)
    laptop.set_counters(100)
    sign_in_by_button(page, laptop)
    sign_out(page)
    laptop.set_counters(0)
    open_login(page)
    press(page, "Sign in with a passkey", laptop)
    expect(page.get_by_text("This passkey does not belong to an account here.")).to_be_visible()
    laptop.stop_touching()
    subject = "Copied passkey rejected"
    wait_until(lambda: any(subject in text for text in site.email_texts(address)))


def test_a_network_error_is_reported(named: Callable[..., BrowserContext]) -> None:
    page = named().new_page()  # without `Watched`, because the console logs the lost network
    laptop = Device(page)
    open_login(page)
    page.route("**/login/passkey", lambda route: route.abort())
    press(page, "Sign in with a passkey", laptop)
    expect(page.locator("[data-message]")).to_contain_text("The site did not respond")


def test_a_browser_without_passkeys_gets_a_message(page: Page) -> None:
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto("/login")
    expect(page.locator("[data-message]")).to_contain_text(
        "This browser does not support passkeys"
    )
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


def test_without_javascript_the_page_offers_the_password(
    named: Callable[..., BrowserContext],
) -> None:
    page = named(java_script_enabled=False).new_page()
    page.goto("/login")
    expect(page.get_by_text("Passkeys need JavaScript.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


def test_on_an_ip_address_the_page_says_where_passkeys_work(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site).new_page()
    open_login(page)
    press(page, "Sign in with a passkey")
    expect(page.locator("[data-message]")).to_contain_text(site.named_url)
