"""Opening an account."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import MailedLink
from app.application import Application
from app.database import db
from app.mail.models import Message
from app.users.models import User
from tests.accounts.conftest import PASSPHRASE
from tests.client import Client
from tests.conftest import Clock, visitor

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]


def register(client: Client, email: str = "charlie@example.com") -> TestResponse:
    return client.submit("/register", email=email, password=PASSPHRASE)


def people(app: Application) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0


def test_charlie_registers_confirms_and_signs_in(client: Client, link: Link) -> None:
    assert register(client).location == "/check-mail"
    client.submit(link("charlie@example.com"))
    response = client.submit("/login", email="charlie@example.com", password=PASSPHRASE)
    assert response.status_code == 303
    assert "charlie@example.com" in client.page("/account").text


def test_her_first_device_is_news_to_nobody_and_the_next_one_is_mailed(
    app: Application, client: Client, link: Link, mailed: Mailed
) -> None:
    register(client)
    client.submit(link("charlie@example.com"))
    for browser, news in [(client, 0), (visitor(app), 1)]:
        browser.submit("/login", email="charlie@example.com", password=PASSPHRASE)
        assert len(mailed("charlie@example.com")) == 1 + news
    assert mailed("charlie@example.com")[-1].subject == "First sign-in on this device"


def test_a_device_is_news_again_once_every_other_is_forgotten(
    app: Application, client: Client, link: Link, mailed: Mailed, clock: Clock
) -> None:
    register(client)
    client.submit(link("charlie@example.com"))
    clock.forward(days=400)
    app.test_cli_runner().invoke(args=["prune"])
    client.submit("/login", email="charlie@example.com", password=PASSPHRASE)
    assert mailed("charlie@example.com")[-1].subject == "First sign-in on this device"


def test_there_is_no_account_before_the_address_has_answered(
    app: Application, client: Client
) -> None:
    register(client)
    assert people(app) == 0
    assert (
        client.submit("/login", email="charlie@example.com", password=PASSPHRASE).status_code
        == 422
    )


def test_opening_the_link_changes_nothing_because_mail_scanners_open_links(
    app: Application, client: Client, link: Link
) -> None:
    register(client)
    assert "Confirm" in client.page(link("charlie@example.com")).text
    assert people(app) == 0


def test_a_link_works_once(client: Client, link: Link) -> None:
    register(client)
    address = link("charlie@example.com")
    client.submit(address)
    assert "used up" in client.page(address, 410).text


def test_a_link_dies_after_three_days(client: Client, link: Link, clock: Clock) -> None:
    register(client)
    clock.forward(days=3, seconds=1)
    client.page(link("charlie@example.com"), 410)


def test_a_stranger_sees_the_same_whether_or_not_the_address_has_an_account(
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


def test_a_double_click_sends_one_mail(client: Client, mailed: Mailed, clock: Clock) -> None:
    register(client)
    register(client)
    assert len(mailed("charlie@example.com")) == 1
    clock.forward(minutes=1)
    register(client)
    assert len(mailed("charlie@example.com")) == 2


def test_two_links_open_one_account(
    app: Application, client: Client, link: Link, clock: Clock
) -> None:
    register(client)
    first = link("charlie@example.com")
    clock.forward(minutes=1)
    register(client)
    client.submit(link("charlie@example.com"))
    response = client.submit(first)
    assert response.status_code == 410
    assert people(app) == 1


def test_fifty_registrations_at_once_are_one_account_and_one_mail(
    app: Application, mailed: Mailed, link: Link
) -> None:
    browsers = [(visitor(app), visitor(app)) for _ in range(50)]
    forms = [browser.page("/register").fields_for("/register") for browser, _ in browsers]

    def send(place: int) -> tuple[int, str | None]:
        filled = forms[place] | {"email": "charlie@example.com", "password": PASSPHRASE}
        response = browsers[place][0].post("/register", data=filled)
        return response.status_code, response.location

    with ThreadPoolExecutor(5) as threads:
        answers = set(threads.map(send, range(50)))
    assert answers == {(303, "/check-mail")}
    assert len(mailed("charlie@example.com")) == 1
    visitor(app).submit(link("charlie@example.com"))
    assert people(app) == 1


def test_what_is_no_address_comes_back_with_help(client: Client) -> None:
    response = register(client, "charlie at example")
    assert response.status_code == 422
    assert "not an e-mail address" in response.text
    assert "charlie at example" in response.text


def test_a_weak_password_comes_back_with_the_reason(client: Client, mailed: Mailed) -> None:
    response = client.submit("/register", email="charlie@example.com", password="too short")
    assert response.status_code == 422
    assert "at least 15 characters" in response.text
    assert not mailed("charlie@example.com")


def test_links_are_kept_as_digests(app: Application, client: Client, link: Link) -> None:
    register(client)
    token = link("charlie@example.com").rpartition("/")[2]
    with app.app_context():
        row = db.session.scalars(select(MailedLink)).one()
        assert token.encode() not in row.token_digest


def test_the_page_with_a_link_tells_its_address_to_nobody(client: Client, link: Link) -> None:
    register(client)
    response = client.get(link("charlie@example.com"))
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "http" not in "".join(
        element.get("href") + element.get("src")
        for element in client.page(link("charlie@example.com")).all("a", "script", "link", "img")
    )
