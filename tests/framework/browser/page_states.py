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
class Shown:
    """A page, named as its template, in a state, and the function that opens it so."""

    page: str
    state: str
    act: Act
    person: str | None = None
    # Whether it exists only in debug mode.
    is_workshop: bool = False

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
    site.kept.pop("charlie")
    page.click(SEND)
    page.wait_for_selector("#password")


def gone_on(page: Page, site: Site) -> None:
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


def told_of_the_end(page: Page, site: Site) -> None:
    page.goto("/account")
    page.eval_on_selector(".login-notice .note", "note => { note.hidden = false }")


def mailed(page: Page, site: Site) -> None:
    """Send an email in debug mode, and open it in the outbox."""
    site.writes_a_mail()
    page.goto("/dev/mail")
    page.click("main .links a")
    page.wait_for_selector("iframe.email-html")


def to_choose_a_password(page: Page, site: Site) -> None:
    sent("/register", email=ERIN)(page, site)
    page.goto(site.path_mailed_to(ERIN, "/confirm/"))


def choose_a_weak_password(page: Page, site: Site) -> None:
    to_choose_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def change_address(page: Page, site: Site) -> None:
    sent("/account/email", email="bob@new.example")(page, site)


def to_confirm(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.path_mailed_to("bob@new.example", "/confirm/"))


def to_keep_the_address(page: Page, site: Site) -> None:
    change_address(page, site)
    page.goto(site.path_mailed_to("bob@example.com", "/account/email/keep/"))


def to_set_a_password(page: Page, site: Site) -> None:
    sent("/reset", email="bob@example.com")(page, site)
    page.goto(site.path_mailed_to("bob@example.com", "/reset/"))


def set_a_weak_password(page: Page, site: Site) -> None:
    to_set_a_password(page, site)
    page.fill("#password", "short")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


def export_made(page: Page, site: Site) -> None:
    sent("/account/export")(page, site)
    while page.get_by_text("Check again").count():
        page.reload()


def export_asked_for(page: Page, site: Site) -> None:
    """Request an export while background jobs do not run."""
    site.has("frank")
    site.sign_in(page.context, "frank")
    sent("/account/export")(page, site)


def has_two_passkeys(act: Act) -> Act:
    """Sign in as Olivia, who has a password and two passkeys."""

    def act_as_olivia(page: Page, site: Site) -> None:
        if "olivia" in site.kept:
            site.sign_in(page.context, "olivia")
        else:
            address = site.has("olivia")
            site.sign_in(page.context, "olivia")
            site.has_passkeys(address, "Work phone", LONG[:60])
        act(page, site)

    return act_as_olivia


def passkey_opened(page: Page, site: Site) -> None:
    page.goto("/passkeys")
    page.click("main .device a")
    page.wait_for_selector("#name")


def passkey_named_nothing(page: Page, site: Site) -> None:
    passkey_opened(page, site)
    page.fill("#name", "")
    page.click("main .form [type=submit]")
    page.wait_for_selector("[data-error-summary]")


def without_password(page: Page, site: Site) -> None:
    """Sign in as a user who has removed the password."""
    address = site.has("peggy")
    site.sign_in(page.context, "peggy")
    site.has_passkeys(address, "Phone", "Key ring")
    with site.person(address) as peggy:
        peggy.password_hash = None


def to_passkeys_without_password(page: Page, site: Site) -> None:
    without_password(page, site)
    page.goto("/passkeys")


def second_step_by_passkey(page: Page, site: Site) -> None:
    site.has_passkeys(site.has("quentin"), "Phone")
    sent("/login", email="quentin@example.com", password=PASSWORD)(page, site)
    page.wait_for_url("**/login/second")


def passkey_refused(page: Page, site: Site) -> None:
    """Send an invalid passkey response, as the script would."""
    page.goto("/login")
    page.eval_on_selector(
        "[data-passkey]", "form => { form.elements.credential.value = 'x'; form.submit(); }"
    )
    page.wait_for_selector("[data-error-summary]")


def passkey_under_another_name(page: Page, site: Site) -> None:
    """Request a passkey on 127.0.0.1, where passkeys do not work."""
    page.goto("/login")
    page.click("[data-passkey] button")
    page.wait_for_selector("[data-message]:not(:empty)")


SHOWN = [
    Shown("pages/home", "visitor", opened("/")),
    Shown("pages/home", "signed in", opened("/"), "alice"),
    Shown("error", "404", opened("/nowhere")),
    Shown("error", "405", opened("/logout")),
    Shown("send_again", "asked", too_late("/account", ".site-nav [type=submit]"), "alice"),
    Shown("auth/login", "late", too_late("/login", SEND, email=ERIN)),
    Shown("auth/login", "empty", opened("/login")),
    Shown("auth/login", "error", sent("/login")),
    Shown("auth/login", "refused", sent("/login", email="nobody@example.com", password="wrong")),
    Shown("auth/login", "filled", filled("/login", email="alice@example.com", password="secret")),
    Shown("auth/login", "shown password", clicked("/login", "[data-show-password]")),
    Shown("auth/login", "languages", clicked("/login", ".menu summary")),
    Shown("auth/login", "saved_form", saved_form, "charlie"),
    Shown("auth/continue", "filled", gone_on, "charlie"),
    Shown("auth/prove", "empty", opened("/prove"), "alice"),
    Shown("auth/prove", "error", sent("/prove"), "alice"),
    Shown("auth/login", "passkey refused", passkey_refused),
    Shown("auth/login", "passkey impossible", passkey_under_another_name),
    Shown("auth/prove", "with a passkey", has_two_passkeys(opened("/prove"))),
    Shown("two_factor/second", "with a passkey", second_step_by_passkey),
    Shown("passkeys/passkeys", "empty", opened("/passkeys"), "bob"),
    Shown("passkeys/passkeys", "filled", has_two_passkeys(opened("/passkeys"))),
    Shown("passkeys/passkeys", "without password", to_passkeys_without_password),
    Shown("passkeys/passkey", "filled", has_two_passkeys(passkey_opened)),
    Shown("passkeys/passkey", "error", has_two_passkeys(passkey_named_nothing)),
    Shown("auth/prove", "without password", opened("/prove"), "peggy"),
    Shown("accounts/password", "without password", opened("/account/password"), "peggy"),
    Shown("sessions/stay", "empty", opened("/stay"), "alice"),
    Shown("sessions/devices", "empty", opened("/devices"), "bob"),
    Shown("sessions/devices", "filled", opened("/devices"), "alice"),
    Shown("activity/activity", "filled", opened("/activity"), "alice"),
    Shown("activity/activity", "empty", opened("/activity?before=1"), "alice"),
    Shown("preferences/preferences", "visitor", opened("/preferences")),
    Shown("preferences/preferences", "saved", sent("/preferences")),
    Shown("preferences/preferences", "signed in", opened("/preferences"), "alice"),
    Shown("accounts/account", "empty", opened("/account"), "bob"),
    Shown("accounts/account", "filled", filled("/account", display_name=LONG), "alice"),
    Shown("accounts/account", "error", sent("/account", display_name="x" * 500), "bob"),
    Shown("accounts/account", "saved", sent("/account", display_name="Alice"), "alice"),
    Shown("accounts/account", "login ends soon", told_of_the_end, "alice"),
    Shown("accounts/register", "empty", opened("/register")),
    Shown("accounts/register", "error", sent("/register", email="erin")),
    Shown("accounts/register", "filled", filled("/register", email=ERIN)),
    Shown("accounts/check_mail", "empty", opened("/check-mail")),
    Shown("accounts/check_mail", "sent", sent("/reset", email="nobody@example.com")),
    Shown("accounts/choose_password", "empty", to_choose_a_password),
    Shown("accounts/choose_password", "error", choose_a_weak_password),
    Shown("accounts/confirm", "asked", to_confirm, "bob"),
    Shown("accounts/keep_email", "asked", to_keep_the_address, "bob"),
    Shown("accounts/link_expired", "unknown", opened("/confirm/nonsense")),
    Shown("accounts/reset", "empty", opened("/reset")),
    Shown("accounts/reset", "error", sent("/reset")),
    Shown("accounts/set_password", "empty", to_set_a_password),
    Shown("accounts/set_password", "error", set_a_weak_password),
    Shown("accounts/password", "empty", opened("/account/password"), "alice"),
    Shown("accounts/password", "error", sent("/account/password"), "alice"),
    Shown("accounts/email", "empty", opened("/account/email"), "alice"),
    Shown("accounts/email", "error", sent("/account/email", email="alice"), "alice"),
    Shown("accounts/export", "empty", opened("/account/export"), "bob"),
    Shown("accounts/export", "made", export_made, "alice"),
    Shown("accounts/delete", "asked", opened("/account/delete"), "alice"),
    Shown("accounts/account", "with second factor", second_factor.with_one_code_less),
    Shown("sessions/devices", "trusted", second_factor.device_trusted),
    Shown("two_factor/two_factor", "offered", second_factor.to_set_up),
    Shown("two_factor/two_factor", "error", second_factor.set_up_wrongly),
    Shown("two_factor/two_factor", "on", second_factor.turned_on),
    Shown("two_factor/recovery_codes", "shown", second_factor.to_codes),
    Shown("two_factor/second", "asked", second_factor.to_second_step),
    Shown("two_factor/second", "error", second_factor.second_step_refused),
    Shown("two_factor/second", "too often", second_factor.second_step_too_often),
    Shown("auth/login", "first run", opened("/login"), is_workshop=True),
    Shown("dev/components", "all", opened("/dev/components"), is_workshop=True),
    Shown("dev/mail", "empty", opened("/dev/mail"), is_workshop=True),
    Shown("dev/message", "filled", mailed, is_workshop=True),
    Shown("dev/sample", "asked", opened(NOTICE), is_workshop=True),
    Shown("dev/mail", "filled", opened("/dev/mail"), is_workshop=True),
    Shown("accounts/export", "asked for", export_asked_for, is_workshop=True),
]
