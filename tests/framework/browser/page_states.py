"""All pages in all their states, which test_pages.py checks."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.conftest import PASSWORD
from tests.framework.browser import second_factor
from tests.framework.browser.served_site import Site

Act = Callable[[Page, Site], object]
ERIN = "erin@example.com"
NOTICE = "/dev/mail/sample/accounts/mail/notice"
SEND = "main .form [type=submit]"
TOKENS = "[name=csrf_token]"
LONG = "Adalbert-Maximilian Freiherr von und zu Donaudampfschifffahrtsgesellschaftskapitän"


@dataclass(frozen=True)
class PageState:
    """A page, named as its template, in a state, and the function that opens it so."""

    page: str
    state: str
    act: Act
    person: str | None = None
    # Whether it exists only in debug mode.
    in_debug_mode: bool = False

    def __str__(self) -> str:
        return f"{self.page}-{self.state}".replace("/", "-").replace(" ", "-")


def opened(path: str) -> Act:
    return lambda page, site: page.goto(path)


def filled(path: str, **fields: str) -> Act:
    """Fill in the form of the page, but do not send it."""

    def fill(page: Page, site: Site) -> None:
        page.goto(path)
        for name, value in fields.items():
            page.fill(f"main .form [name={name}]", value)

    return fill


def sent(path: str, **fields: str) -> Act:
    """Fill in the form of the page, and send it."""

    def send(page: Page, site: Site) -> None:
        filled(path, **fields)(page, site)
        page.click(SEND)
        page.wait_for_load_state()

    return send


def clicked(path: str, selector: str) -> Act:
    def click(page: Page, site: Site) -> None:
        page.goto(path)
        page.click(selector)

    return click


def saved_form(page: Page, site: Site) -> None:
    """Send a form after the login session has ended: the form is saved until the sign-in."""
    page.goto("/account")
    page.fill("#display_name", "Charlie")
    site.sign_out_everywhere("charlie@example.com")
    site.signed_in.pop("charlie")
    page.click(SEND)
    page.wait_for_selector("#password")


def continued(page: Page, site: Site) -> None:
    saved_form(page, site)
    page.fill("#email", "charlie@example.com")
    page.fill("#password", PASSWORD)
    page.click(SEND)
    page.wait_for_selector("main .facts")


def too_late(path: str, button: str, **fields: str) -> Act:
    """Send a form with an invalid CSRF token."""

    def send(page: Page, site: Site) -> None:
        filled(path, **fields)(page, site)
        page.eval_on_selector_all(TOKENS, "tokens => tokens.forEach((it) => { it.value = 'x' })")
        page.click(button)
        page.wait_for_load_state()

    return send


def notified_of_expiry(page: Page, site: Site) -> None:
    page.goto("/account")
    page.eval_on_selector(".login-notice .note", "note => { note.hidden = false }")


def mailed(page: Page, site: Site) -> None:
    """Send an email in debug mode, and open it in the outbox."""
    site.send_mail()
    page.goto("/dev/mail")
    page.click("main .links a")
    page.wait_for_selector("iframe.email-html")


def to_choose_a_password(page: Page, site: Site) -> None:
    sent("/register", email=ERIN)(page, site)
    page.goto(site.wait_for_link(ERIN, "/confirm/"))


def choose_a_weak_password(page: Page, site: Site) -> None:
    to_choose_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def change_address(page: Page, site: Site) -> None:
    sent("/account/email", email="bob@new.example")(page, site)


def to_confirm(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.wait_for_link("bob@new.example", "/confirm/"))


def to_keep_the_address(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.wait_for_link("bob@example.com", "/account/email/keep/"))


def to_set_a_password(page: Page, site: Site) -> None:
    sent("/reset", email="bob@example.com")(page, site)
    page.goto(site.wait_for_link("bob@example.com", "/reset/"))


def set_a_weak_password(page: Page, site: Site) -> None:
    to_set_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def export_made(page: Page, site: Site) -> None:
    sent("/account/export")(page, site)
    while page.get_by_text("Check again").count():
        page.reload()


def export_pending(page: Page, site: Site) -> None:
    """Request an export while background jobs do not run."""
    site.create_account("frank")
    site.sign_in(page.context, "frank")
    sent("/account/export")(page, site)


def has_two_passkeys(act: Act) -> Act:
    """Sign in as Olivia, who has a password and two passkeys."""

    def act_as_olivia(page: Page, site: Site) -> None:
        if "olivia" in site.signed_in:
            site.sign_in(page.context, "olivia")
        else:
            address = site.create_account("olivia")
            site.sign_in(page.context, "olivia")
            site.add_passkeys(address, "Work phone", LONG[:60])
        act(page, site)

    return act_as_olivia


def passkey_page(page: Page, site: Site) -> None:
    page.goto("/passkeys")
    page.click("main .device a")
    page.wait_for_selector("#name")


def passkey_with_empty_name(page: Page, site: Site) -> None:
    passkey_page(page, site)
    page.fill("#name", "")
    page.click("main .form [type=submit]")
    page.wait_for_selector("[data-error-summary]")


def without_password(page: Page, site: Site) -> None:
    """Sign in as a user who has removed the password."""
    address = site.create_account("peggy")
    site.sign_in(page.context, "peggy")
    site.add_passkeys(address, "Phone", "Key ring")
    with site.user_rows(address) as peggy:
        peggy.password_hash = None


def to_passkeys_without_password(page: Page, site: Site) -> None:
    without_password(page, site)
    page.goto("/passkeys")


def second_step_by_passkey(page: Page, site: Site) -> None:
    site.add_passkeys(site.create_account("quentin"), "Phone")
    sent("/login", email="quentin@example.com", password=PASSWORD)(page, site)
    page.wait_for_url("**/login/second")


def passkey_refused(page: Page, site: Site) -> None:
    """Send an invalid passkey response, as the script would."""
    page.goto("/login")
    page.eval_on_selector(
        "[data-passkey]", "form => { form.elements.credential.value = 'x'; form.submit(); }"
    )
    page.wait_for_selector("[data-error-summary]")


def passkey_on_ip_address(page: Page, site: Site) -> None:
    """Request a passkey on 127.0.0.1, where passkeys do not work."""
    page.goto("/login")
    page.click("[data-passkey] button")
    page.wait_for_selector("[data-message]:not(:empty)")


PAGE_STATES = [
    PageState("pages/home", "visitor", opened("/")),
    PageState("pages/home", "signed in", opened("/"), "alice"),
    PageState("error", "404", opened("/nowhere")),
    PageState("error", "405", opened("/logout")),
    PageState("send_again", "asked", too_late("/account", ".site-nav [type=submit]"), "alice"),
    PageState("auth/login", "late", too_late("/login", SEND, email=ERIN)),
    PageState("auth/login", "empty", opened("/login")),
    PageState("auth/login", "error", sent("/login")),
    PageState(
        "auth/login", "refused", sent("/login", email="nobody@example.com", password="wrong")
    ),
    PageState(
        "auth/login", "filled", filled("/login", email="alice@example.com", password="secret")
    ),
    PageState("auth/login", "shown password", clicked("/login", "[data-show-password]")),
    PageState("auth/login", "languages", clicked("/login", ".menu summary")),
    PageState("auth/login", "saved_form", saved_form, "charlie"),
    PageState("auth/continue", "filled", continued, "charlie"),
    PageState("auth/prove", "empty", opened("/prove"), "alice"),
    PageState("auth/prove", "error", sent("/prove"), "alice"),
    PageState("auth/login", "passkey refused", passkey_refused),
    PageState("auth/login", "passkey impossible", passkey_on_ip_address),
    PageState("auth/prove", "with a passkey", has_two_passkeys(opened("/prove"))),
    PageState("two_factor/second", "with a passkey", second_step_by_passkey),
    PageState("passkeys/passkeys", "empty", opened("/passkeys"), "bob"),
    PageState("passkeys/passkeys", "filled", has_two_passkeys(opened("/passkeys"))),
    PageState("passkeys/passkeys", "without password", to_passkeys_without_password),
    PageState("passkeys/passkey", "filled", has_two_passkeys(passkey_page)),
    PageState("passkeys/passkey", "error", has_two_passkeys(passkey_with_empty_name)),
    PageState("auth/prove", "without password", opened("/prove"), "peggy"),
    PageState("accounts/password", "without password", opened("/account/password"), "peggy"),
    PageState("sessions/stay", "empty", opened("/stay"), "alice"),
    PageState("sessions/devices", "empty", opened("/devices"), "bob"),
    PageState("sessions/devices", "filled", opened("/devices"), "alice"),
    PageState("activity/activity", "filled", opened("/activity"), "alice"),
    PageState("activity/activity", "empty", opened("/activity?before=1"), "alice"),
    PageState("preferences/preferences", "visitor", opened("/preferences")),
    PageState("preferences/preferences", "saved", sent("/preferences")),
    PageState("preferences/preferences", "signed in", opened("/preferences"), "alice"),
    PageState("accounts/account", "empty", opened("/account"), "bob"),
    PageState("accounts/account", "filled", filled("/account", display_name=LONG), "alice"),
    PageState("accounts/account", "error", sent("/account", display_name="x" * 500), "bob"),
    PageState("accounts/account", "saved", sent("/account", display_name="Alice"), "alice"),
    PageState("accounts/account", "login ends soon", notified_of_expiry, "alice"),
    PageState("accounts/register", "empty", opened("/register")),
    PageState("accounts/register", "error", sent("/register", email="erin")),
    PageState("accounts/register", "filled", filled("/register", email=ERIN)),
    PageState("accounts/check_mail", "empty", opened("/check-mail")),
    PageState("accounts/check_mail", "sent", sent("/reset", email="nobody@example.com")),
    PageState("accounts/choose_password", "empty", to_choose_a_password),
    PageState("accounts/choose_password", "error", choose_a_weak_password),
    PageState("accounts/confirm", "asked", to_confirm, "bob"),
    PageState("accounts/keep_email", "asked", to_keep_the_address, "bob"),
    PageState("accounts/link_expired", "unknown", opened("/confirm/nonsense")),
    PageState("accounts/reset", "empty", opened("/reset")),
    PageState("accounts/reset", "error", sent("/reset")),
    PageState("accounts/set_password", "empty", to_set_a_password),
    PageState("accounts/set_password", "error", set_a_weak_password),
    PageState("accounts/password", "empty", opened("/account/password"), "alice"),
    PageState("accounts/password", "error", sent("/account/password"), "alice"),
    PageState("accounts/email", "empty", opened("/account/email"), "alice"),
    PageState("accounts/email", "error", sent("/account/email", email="alice"), "alice"),
    PageState("accounts/export", "empty", opened("/account/export"), "bob"),
    PageState("accounts/export", "made", export_made, "alice"),
    PageState("accounts/delete", "asked", opened("/account/delete"), "alice"),
    PageState("accounts/account", "with second factor", second_factor.with_one_code_used),
    PageState("sessions/devices", "trusted", second_factor.device_trusted),
    PageState("two_factor/two_factor", "offered", second_factor.to_set_up),
    PageState("two_factor/two_factor", "error", second_factor.set_up_wrongly),
    PageState("two_factor/two_factor", "on", second_factor.turned_on),
    PageState("two_factor/recovery_codes", "shown", second_factor.to_codes),
    PageState("two_factor/second", "asked", second_factor.to_second_step),
    PageState("two_factor/second", "error", second_factor.second_step_refused),
    PageState("two_factor/second", "too often", second_factor.second_step_too_often),
    PageState("auth/login", "first run", opened("/login"), in_debug_mode=True),
    PageState("dev/components", "all", opened("/dev/components"), in_debug_mode=True),
    PageState("dev/mail", "empty", opened("/dev/mail"), in_debug_mode=True),
    PageState("dev/message", "filled", mailed, in_debug_mode=True),
    PageState("dev/sample", "asked", opened(NOTICE), in_debug_mode=True),
    PageState("dev/mail", "filled", opened("/dev/mail"), in_debug_mode=True),
    PageState("accounts/export", "asked for", export_pending, in_debug_mode=True),
]
