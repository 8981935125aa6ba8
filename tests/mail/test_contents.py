"""Headers, a Reply-To and attachments of an email."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.application import Application
from app.database import db
from app.jobs.queue import prune_finished
from app.mail import Attachment
from app.mail.contents import AttachmentRefused, HeaderRefused
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import Clock
from tests.mail.conftest import MakeSite, send_due, write
from tests.mail_server import MailServer
from tests.processes import ROOT

Outbox = Callable[[], list[Message]]
LONG = "<" + "x" * 200 + "@example.com>"


@pytest.fixture
def site(make_site: MakeSite, mails: MailServer) -> Application:
    return make_site(mails.url, MAIL_SIZE_LIMIT=1000)


def file(**values: Any) -> Attachment:
    given = {"filename": "Übersicht.csv", "content_type": "text/csv", "content": b"a;b\r\n1;2"}
    return Attachment(**{**given, **values})


def stored(site: Application) -> int:
    with site.app_context():
        return db.session.query(Attachment).count()


def test_headers_and_a_reply_to_are_sent(site: Application, mails: MailServer) -> None:
    headers = {"List-Id": "<notes.example.com>", "References": f"{LONG} {LONG}"}
    write(site, reply_to="Bob Müller <bob@example.com>", headers=headers)
    assert send_due(site) == ["sent"]
    [mail] = mails.messages
    assert mail["List-Id"] == "<notes.example.com>"
    assert mail["References"].split() == [LONG, LONG]
    assert mail["Reply-To"] == "Bob Müller <bob@example.com>"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Note": "a\r\nBcc: eve@example.com"},
        {"X-Note": "a\nb"},
        {"X-Note": "a\0b"},
        {"X-Note": "a\u2028b"},
        {"X-Note": "grün"},
        {"X-Note": "a" * 901},
        {"X-Note": ""},
        {"X-Note\r\nBcc": "eve@example.com"},
        {"X-Note: a": "b"},
        {"Bcc": "eve@example.com"},
        {"cc": "eve@example.com"},
        {"Resent-To": "eve@example.com"},
        {"Content-Type": "text/plain"},
        {"From": "eve@example.com"},
        {"Message-ID": "<1@example.com>"},
        {"List-Unsubscribe": "<https://evil.example>"},
    ],
)
def test_a_header_that_could_change_the_email_is_refused(
    site: Application, headers: dict[str, str], outbox: Outbox
) -> None:
    with pytest.raises(HeaderRefused):
        write(site, headers=headers)
    assert outbox() == []


@pytest.mark.parametrize(
    "reply_to", ["bob", "bob@example.com\r\nBcc: eve@example.com", "<>", "a@"]
)
def test_an_invalid_reply_to_is_refused(site: Application, reply_to: str) -> None:
    with pytest.raises(HeaderRefused):
        write(site, reply_to=reply_to)


def test_attachments_are_sent(site: Application, mails: MailServer) -> None:
    write(site, attachments=[file(), file(filename="b.pdf", content_type="application/pdf")])
    assert send_due(site) == ["sent"]
    first, second = mails.messages[0].iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == ("Übersicht.csv", "text/csv")
    assert first.get_payload(decode=True) == b"a;b\r\n1;2"
    assert second.get_filename() == "b.pdf"
    text = mails.messages[0].get_body(("plain",))
    assert text is not None
    assert "Dear Alice" in text.get_content()


def test_attachments_are_deleted_once_they_are_sent(site: Application) -> None:
    write(site, attachments=[file()])
    assert stored(site) == 1
    send_due(site)
    assert stored(site) == 0


def test_attachments_of_an_email_that_was_given_up_are_pruned_with_it(
    site: Application, mails: MailServer, clock: Clock
) -> None:
    mails.response_to_data = "554 too large"
    write(site, attachments=[file()])
    assert send_due(site) == ["given-up"]
    assert stored(site) == 1
    clock.forward(days=31)
    with site.app_context():
        prune_finished()
    assert stored(site) == 0


def test_attachments_that_are_too_large_are_refused_and_nothing_is_written(
    site: Application, outbox: Outbox
) -> None:
    half = file(content=b"x" * 501)
    with pytest.raises(AttachmentRefused, match="1002 bytes, and MAIL_SIZE_LIMIT is 1000"):
        write(site, attachments=[half, file(content=b"x" * 501)])
    assert outbox() == []


@pytest.mark.parametrize(
    "values",
    [
        {"filename": ""},
        {"filename": "a\r\nBcc: eve@example.com"},
        {"filename": "../a"},
        {"filename": "a\\b"},
        {"filename": "a" * 121},
        {"content_type": "text/csv\r\nBcc: eve@example.com"},
        {"content_type": "csv"},
        {"content_type": "multipart/mixed"},
        {"content_type": "message/rfc822"},
    ],
)
def test_an_attachment_with_an_invalid_name_or_type_is_refused(
    site: Application, values: dict[str, str]
) -> None:
    with pytest.raises(AttachmentRefused):
        write(site, attachments=[file(**values)])


def test_the_example_in_the_documentation_works(
    site: Application, mails: MailServer, alice: User
) -> None:
    section = (ROOT / "docs/mail.md").read_text().partition("## Headers, Reply-To")[2]
    example = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]
    with site.app_context(), unit_of_work():
        exec(example, {"user": alice})  # noqa: S102  # the example of this repository
    assert send_due(site) == ["sent"]
    [mail] = mails.messages
    assert (mail["Reply-To"], mail["List-Id"]) == (
        "Support <support@example.com>",
        "<notes.example.com>",
    )
    assert [file.get_filename() for file in mail.iter_attachments()] == ["notes.csv"]
