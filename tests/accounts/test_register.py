"""Registration: the email address first, then the password behind the mailed link."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import MailedLink
from app.application import Application
from app.database import db
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, visitor
from tests.emailed_links import PASSPHRASE, choose_password, link_in

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]
CHARLIE = "charlie@example.com"


def register(client: Client, email: str = CHARLIE) -> TestResponse:
    return client.submit("/register", email=email)


def people(app: Application) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0


def test_charlie_registers_chooses_a_password_and_is_signed_in(
    app: Application, client: Client, link: Link
) -> None:
    assert register(client).location == "/check-mail"
    assert choose_password(client, link(CHARLIE)).location == "/account"
    page = client.page("/account")
    assert CHARLIE in page.text
    assert "Your account is ready." in page.text
    assert visitor(app).sign_in(CHARLIE, PASSPHRASE).status_code == 303


def test_the_page_says_what_happens_next(client: Client) -> None:
    page = client.page("/register")
    assert "Open it to choose a password" in page.text
    assert "password" not in [field.get("type") for field in page.all("input")]


def test_the_minimum_password_length_is_shown_before_anything_is_typed(
    make_app: Callable[..., Application], link: Link, as_alice: Client
) -> None:
    client = visitor(make_app(PASSWORD_MIN_LENGTH=17))
    register(client)
    assert "at least 17 characters" in client.page(link(CHARLIE)).text
    assert "at least 15 characters" in as_alice.page("/account/password").text


def test_charlie_continues_to_the_page_he_requested(client: Client, link: Link) -> None:
    page = client.page("/register?next=/devices")
    client.post("/register", data=page.fields_for("/register") | {"email": CHARLIE})
    assert choose_password(client, link(CHARLIE)).location == "/devices"


def test_an_attackers_registration_does_not_choose_charlies_next_page(
    app: Application, client: Client, link: Link
) -> None:
    mallory = visitor(app)
    page = mallory.page("/register?next=/account/delete")
    mallory.post("/register", data=page.fields_for("/register") | {"email": CHARLIE})
    register(client)
    assert choose_password(client, link(CHARLIE)).location == "/account"


def test_registration_does_not_redirect_to_another_site(client: Client, link: Link) -> None:
    page = client.page("/register?next=//evil.example")
    client.post("/register", data=page.fields_for("/register") | {"email": CHARLIE})
    assert choose_password(client, link(CHARLIE)).location == "/account"


# --- An attacker who registers the same address ----------------------------------------------


def test_h4_an_attacker_registering_the_address_first_gains_nothing(
    app: Application, client: Client, link: Link, mailed: Mailed
) -> None:
    mallory = visitor(app)
    mallory.post(
        "/register",
        data=mallory.page("/register").fields_for("/register")
        | {"email": CHARLIE, "password": "let mallory in, please"},
    )
    register(client)
    assert mailed(CHARLIE), "the link is in the owner's mailbox, whichever request sent it"
    assert choose_password(client, link(CHARLIE)).location == "/account"
    assert visitor(app).sign_in(CHARLIE, "let mallory in, please").status_code == 422
    assert visitor(app).sign_in(CHARLIE, PASSPHRASE).status_code == 303


def test_h4_an_attacker_registering_the_address_afterwards_gains_nothing(
    app: Application, client: Client, mailed: Mailed, clock: Clock
) -> None:
    register(client)
    clock.forward(minutes=2)
    register(visitor(app))
    first, second = [link_in(mail) for mail in mailed(CHARLIE)]
    client.page(first, 410)
    assert choose_password(client, second).location == "/account"
    assert visitor(app).sign_in(CHARLIE, PASSPHRASE).status_code == 303


def test_h4_an_attacker_cannot_void_a_link_within_the_first_minute(
    app: Application, client: Client, link: Link
) -> None:
    register(client)
    sent = link(CHARLIE)
    for _ in range(3):
        register(visitor(app))
    assert choose_password(client, sent).location == "/account"


def test_h4_an_attacker_requesting_every_minute_leaves_charlie_ten_minutes(
    app: Application, client: Client, link: Link, mailed: Mailed, clock: Clock
) -> None:
    register(client)
    for _ in range(60):
        clock.forward(minutes=1)
        register(visitor(app))
    assert len(mailed(CHARLIE)) < 10
    while len(mailed(CHARLIE)) < 9:
        clock.forward(minutes=1)
        register(visitor(app))
    newest = link(CHARLIE)
    for _ in range(10):
        clock.forward(minutes=1)
        register(visitor(app))
    assert choose_password(client, newest).location == "/account"


def test_h4_a_typo_in_the_address_is_corrected_within_the_minute(
    client: Client, link: Link, mailed: Mailed
) -> None:
    register(client, "charly@example.com")
    register(client)
    assert len(mailed(CHARLIE)) == 1
    assert choose_password(client, link(CHARLIE)).location == "/account"


def test_h4_a_typo_in_the_password_is_corrected_at_once(client: Client, link: Link) -> None:
    register(client)
    response = choose_password(client, link(CHARLIE), "too short")
    assert response.status_code == 422
    assert "at least 15 characters" in response.text
    assert choose_password(client, link(CHARLIE)).location == "/account"


def test_h4_a_newer_link_voids_the_older_one(
    app: Application, client: Client, mailed: Mailed, clock: Clock
) -> None:
    register(client)
    clock.forward(minutes=1)
    register(client)
    older, newer = [link_in(mail) for mail in mailed(CHARLIE)]
    filled = client.page(newer).fields_for(newer) | {"password": PASSPHRASE}
    assert client.post(older, data=filled).status_code == 410
    assert people(app) == 0
    assert client.post(newer, data=filled).status_code == 303
    assert people(app) == 1


# --- Devices ---------------------------------------------------------------------------------


def test_the_first_device_is_not_reported_and_the_next_one_is(
    app: Application, client: Client, link: Link, mailed: Mailed
) -> None:
    register(client)
    choose_password(client, link(CHARLIE))
    assert len(mailed(CHARLIE)) == 1
    visitor(app).sign_in(CHARLIE, PASSPHRASE)
    assert len(mailed(CHARLIE)) == 2
    assert mailed(CHARLIE)[-1].subject == "Signed in on a new device"


def test_a_new_device_is_reported_after_all_others_have_expired(
    app: Application, client: Client, link: Link, mailed: Mailed, clock: Clock
) -> None:
    register(client)
    choose_password(client, link(CHARLIE))
    clock.forward(days=400)
    app.test_cli_runner().invoke(args=["prune"])
    visitor(app).sign_in(CHARLIE, PASSPHRASE)
    assert mailed(CHARLIE)[-1].subject == "Signed in on a new device"


# --- The link --------------------------------------------------------------------------------


def test_there_is_no_account_before_a_password_is_chosen(app: Application, client: Client) -> None:
    register(client)
    assert people(app) == 0
    assert client.sign_in(CHARLIE, PASSPHRASE).status_code == 422


def test_opening_the_link_changes_nothing_because_mail_scanners_open_links(
    app: Application, client: Client, link: Link
) -> None:
    register(client)
    assert "Choose a password" in client.page(link(CHARLIE)).text
    assert people(app) == 0


def test_a_link_works_once(app: Application, client: Client, link: Link) -> None:
    register(client)
    address = link(CHARLIE)
    choose_password(client, address)
    assert "no longer works" in client.page(address, 410).text
    assert people(app) == 1


def test_a_link_expires_after_three_days(client: Client, link: Link, clock: Clock) -> None:
    register(client)
    clock.forward(days=3, seconds=1)
    client.page(link(CHARLIE), 410)


def test_a_link_does_not_change_an_account_that_exists_by_now(
    client: Client, app: Application, link: Link
) -> None:
    register(client)
    app.test_cli_runner().invoke(args=["users", "create", CHARLIE, "--password", PASSPHRASE])
    assert choose_password(client, link(CHARLIE), "nine loud badgers whistle").status_code == 410
    assert client.sign_in(CHARLIE, PASSPHRASE).status_code == 303


def test_links_are_stored_as_digests(app: Application, client: Client, link: Link) -> None:
    register(client)
    token = link(CHARLIE).rpartition("/")[2]
    with app.app_context():
        row = db.session.scalars(select(MailedLink)).one()
        assert token.encode() not in row.token_digest


def test_the_page_behind_a_link_sends_no_referer_and_is_not_cached(
    client: Client, link: Link
) -> None:
    register(client)
    response = client.get(link(CHARLIE))
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert "http" not in "".join(
        element.get("href") + element.get("src")
        for element in client.page(link(CHARLIE)).all("a", "script", "link", "img")
    )


# --- Accounts are not revealed ---------------------------------------------------------------


def test_a_visitor_sees_the_same_whether_or_not_the_address_has_an_account(
    app: Application, alice: User
) -> None:
    new, known = register(visitor(app)), register(visitor(app), "alice@example.com")
    assert (new.status, new.location, new.data) == (known.status, known.location, known.data)


def test_alice_is_told_that_she_has_an_account_already(
    client: Client, alice: User, mailed: Mailed
) -> None:
    register(client, "Alice@Example.com")
    [mail] = mailed("alice@example.com")
    assert mail.subject == "You already have an account"
    assert "/confirm/" not in mail.text


# --- Concurrent requests ---------------------------------------------------------------------


def test_a_double_click_sends_one_mail(client: Client, mailed: Mailed, clock: Clock) -> None:
    register(client)
    register(client)
    [mail] = mailed(CHARLIE)
    assert mail.subject == "Confirm your email address"
    clock.forward(minutes=1)
    register(client)
    assert len(mailed(CHARLIE)) == 2


def test_fifty_registrations_at_once_are_one_account_and_one_mail(
    app: Application, mailed: Mailed, link: Link
) -> None:
    browsers = [(visitor(app), visitor(app)) for _ in range(50)]
    forms = [browser.page("/register").fields_for("/register") for browser, _ in browsers]

    def send(place: int) -> tuple[int, str | None]:
        response = browsers[place][0].post("/register", data=forms[place] | {"email": CHARLIE})
        return response.status_code, response.location

    with ThreadPoolExecutor(5) as threads:
        responses = set(threads.map(send, range(50)))
    assert responses == {(303, "/check-mail")}
    assert len(mailed(CHARLIE)) == 1
    choose_password(visitor(app), link(CHARLIE))
    assert people(app) == 1


def test_a_password_chosen_eight_times_at_once_creates_one_account(
    app: Application, client: Client, link: Link
) -> None:
    register(client)
    address, browsers = link(CHARLIE), [visitor(app) for _ in range(8)]
    forms = [browser.page(address).fields_for(address) for browser in browsers]

    def send(place: int) -> int:
        filled = forms[place] | {"password": PASSPHRASE}
        return browsers[place].post(address, data=filled).status_code

    with ThreadPoolExecutor(8) as threads:
        responses = sorted(threads.map(send, range(8)))
    assert responses == [303] + [410] * 7
    assert people(app) == 1


def test_an_invalid_address_is_returned_with_help(client: Client) -> None:
    response = register(client, "charlie at example")
    assert response.status_code == 422
    assert "Enter an email address, such as" in response.text
    assert "charlie at example" in response.text
