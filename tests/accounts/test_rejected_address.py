"""The account page tells the owner that emails to their address are rejected."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.mail.sending import OUTBOX
from app.mail.suppression import suppress
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in, visitor
from tests.mail_server import MailServer

Mailed = Callable[[str], list[Message]]
REJECTED = "its mail server rejected our email"
STOPPED = "We do not send email to alice@example.com any more"


@pytest.fixture
def site(make_app: Callable[..., Application], mails: MailServer) -> Application:
    return make_app(MAIL_URL=mails.url, MAIL_FROM="no-reply@example.com")


def send_due(site: Application) -> list[str]:
    with site.app_context():
        return list(iter(OUTBOX.process_next, None))


def bounce(site: Application, mails: MailServer, email: str) -> None:
    """Reject the next email to an address, and accept those after it."""
    mails.response_to_rcpt = "550 5.1.1 unknown user"
    visitor(site).submit("/reset", email=email)
    assert send_due(site) == ["given-up"]
    mails.response_to_rcpt = "250 OK"


def test_an_ordinary_account_page_has_no_such_note(as_alice: Client) -> None:
    text = as_alice.page("/account").text
    assert REJECTED not in text
    assert STOPPED not in text


def test_alice_is_told_that_her_address_is_rejected(
    site: Application, alice: User, bob: User, mails: MailServer
) -> None:
    bounce(site, mails, alice.email)
    assert REJECTED in signed_in(site, alice).page("/account").text
    assert REJECTED not in signed_in(site, bob).page("/account").text


def test_alice_tries_again_once_her_mailbox_works(
    site: Application, alice: User, mails: MailServer
) -> None:
    bounce(site, mails, alice.email)
    browser = signed_in(site, alice)
    token = browser.csrf_token("/account")
    response = browser.post("/account/email/retry", data={"csrf_token": token})
    assert (response.status_code, response.location) == (303, "/account")
    assert REJECTED not in browser.page("/account").text
    assert send_due(site) == ["sent"]
    assert mails.messages[-1]["Subject"] == "Test email from Lockstep"


def test_alice_changes_a_rejected_address(
    site: Application, alice: User, mails: MailServer, link: Callable[[str], str]
) -> None:
    bounce(site, mails, alice.email)
    browser = signed_in(site, alice)
    browser.submit("/account/email", email="alice@example.org")
    browser.submit(link("alice@example.org"))
    text = browser.page("/account").text
    assert "alice@example.org" in text
    assert REJECTED not in text


def test_what_an_operator_suppressed_cannot_be_tried_again(
    site: Application, alice: User, mails: MailServer
) -> None:
    with site.app_context(), unit_of_work():
        suppress(alice.email)
    browser = signed_in(site, alice)
    token = browser.csrf_token("/account")
    browser.post("/account/email/retry", data={"csrf_token": token})
    assert STOPPED in browser.page("/account").text
    assert send_due(site) == ["withheld"]


@pytest.mark.parametrize("path", ["/reset", "/register"])
def test_a_visitor_does_not_learn_that_an_address_is_rejected(
    site: Application, alice: User, bob: User, mails: MailServer, path: str
) -> None:
    bounce(site, mails, alice.email)
    responses = {
        (response.status_code, response.location)
        for email in (alice.email, bob.email, "nobody@example.com")
        for response in [visitor(site).submit(path, email=email)]
    }
    assert len(responses) == 1
