"""Resending an email that did not arrive."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, visitor
from tests.emailed_links import choose_password, link_in

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]


def submit_email(client: Client, path: str, email: str) -> None:
    assert client.submit(path, email=email).location == "/check-mail"


def test_charlie_requests_the_email_again_and_registers(
    client: Client, mailed: Mailed, link: Link, clock: Clock
) -> None:
    submit_email(client, "/register", "charlie@example.com")
    clock.forward(minutes=1)
    assert client.submit("/check-mail").status_code == 303
    assert len(mailed("charlie@example.com")) == 2
    assert choose_password(client, link("charlie@example.com")).location == "/account"


def test_alice_requests_the_reset_link_again(
    client: Client, alice: User, mailed: Mailed, clock: Clock
) -> None:
    submit_email(client, "/reset", "alice@example.com")
    clock.forward(minutes=1)
    client.submit("/check-mail")
    assert [mail.subject for mail in mailed("alice@example.com")] == ["Reset your password"] * 2


@pytest.mark.parametrize("path", ["/register", "/reset"])
def test_a_visitor_sees_the_same_whether_or_not_the_address_has_an_account(
    app: Application, alice: User, clock: Clock, mailed: Mailed, path: str
) -> None:
    seen = []
    for email in ("alice@example.com", "nobody@example.com"):
        client = visitor(app)
        submit_email(client, path, email)
        clock.forward(minutes=1)
        response = client.submit("/check-mail")
        page = client.page("/check-mail").text.replace(email, "…")
        seen.append((response.status, response.location, page))
        assert len(mailed(email)) == 2
    assert seen[0] == seen[1]


def test_within_a_minute_no_second_email_is_sent(client: Client, mailed: Mailed) -> None:
    submit_email(client, "/register", "charlie@example.com")
    client.submit("/check-mail")
    client.submit("/check-mail")
    assert len(mailed("charlie@example.com")) == 1


def test_after_a_double_click_it_can_still_be_sent_again(
    client: Client, mailed: Mailed, clock: Clock
) -> None:
    submit_email(client, "/register", "charlie@example.com")
    submit_email(client, "/register", "charlie@example.com")
    clock.forward(minutes=1)
    client.submit("/check-mail")
    assert len(mailed("charlie@example.com")) == 2


def test_h4_resending_works_whatever_other_visitors_requested_meanwhile(
    app: Application, client: Client, mailed: Mailed, clock: Clock
) -> None:
    submit_email(visitor(app), "/register", "charlie@example.com")
    submit_email(client, "/register", "charlie@example.com")
    clock.forward(minutes=1)
    client.submit("/check-mail")
    older, newer = [link_in(mail) for mail in mailed("charlie@example.com")]
    client.page(older, 410)
    assert choose_password(client, newer).location == "/account"


@pytest.mark.parametrize("path", ["/register", "/reset"])
def test_h4_no_email_is_held_back_once_the_last_link_was_used(
    client: Client, alice: User, mailed: Mailed, link: Link, path: str
) -> None:
    address = "charlie@example.com" if path == "/register" else alice.email
    submit_email(client, path, address)
    choose_password(client, link(address))
    before = len(mailed(address))
    submit_email(client, path, address)
    assert len(mailed(address)) == before + 1


def test_a_visitor_without_a_request_sees_no_resend_button(client: Client) -> None:
    assert "Resend email" not in client.page("/check-mail").text


def test_the_cookie_session_holds_no_link_token(client: Client, link: Link) -> None:
    submit_email(client, "/register", "charlie@example.com")
    with client.session_transaction() as cookie:
        assert link("charlie@example.com").rpartition("/")[2] not in str(cookie)


def test_repeated_resending_is_rate_limited(make_app: Callable[..., Application]) -> None:
    client = visitor(make_app(RATE_LIMITS_ENABLED="true"))
    submit_email(client, "/reset", "nobody@example.com")
    statuses = [client.submit("/check-mail").status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]
