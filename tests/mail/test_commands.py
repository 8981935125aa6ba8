"""`flask mail …`, for cron and operators."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from config import SettingRefused
from tests.mail.conftest import MakeSite, send_due, write
from tests.mail_server import MailServer

Outbox = Callable[[], list[Message]]


def flask(site: Application, *command: str) -> str:
    return site.test_cli_runner().invoke(args=command).output


def test_send_sends_due_emails(make_site: MakeSite, mails: MailServer) -> None:
    site = make_site(mails.url)
    write(site)
    assert flask(site, "mail", "send") == "mail: 1 sent\n"
    assert len(mails.messages) == 1


def test_list_shows_which_emails_failed_and_why(make_site: MakeSite, mails: MailServer) -> None:
    mails.response_to_rcpt = "550 no such user"
    site = make_site(mails.url)
    write(site)
    send_due(site)
    [line] = flask(site, "mail", "list", "--state", "given-up").splitlines()
    assert "alice@example.com  Hello Alice  PermanentFailure: 550 no such user" in line
    assert flask(site, "mail", "list", "--state", "sent") == ""


def test_retry_sends_a_given_up_email(make_site: MakeSite, mails: MailServer) -> None:
    mails.response_to_rcpt = "550 no such user"
    write(site := make_site(mails.url))
    send_due(site)
    mails.response_to_rcpt = "250 OK"
    assert flask(site, "mail", "retry", "--all").startswith("1 will be retried")
    assert flask(site, "mail", "send") == "mail: 1 sent\n"


def test_without_mail_url_send_prints_that_nothing_is_sent(
    make_site: MakeSite, outbox: Outbox
) -> None:
    write(site := make_site())
    assert "MAIL_URL is not set" in flask(site, "mail", "send")
    assert "waiting   attempts 0  alice@example.com" in flask(site, "mail", "list")


def test_test_sends_an_email_and_prints_the_servers_response(
    make_site: MakeSite, mails: MailServer
) -> None:
    site = make_site(mails.url)
    assert "bob@example.com: sent." in flask(site, "mail", "test", "bob@example.com")
    mails.response_to_rcpt = "550 no such user"
    assert "given-up. PermanentFailure: 550 no" in flask(site, "mail", "test", "eve@example.com")
    assert "is not an email address" in flask(site, "mail", "test", "nobody")


def test_a_mail_server_requires_a_valid_sender(make_app: Callable[..., Application]) -> None:
    with pytest.raises(SettingRefused, match="MAIL_FROM is 'no-reply@localhost'"):
        make_app(MAIL_URL="smtp://mail.example.com")
    with pytest.raises(SettingRefused, match="MAIL_FROM is 'nobody'"):
        make_app(MAIL_FROM="nobody")
