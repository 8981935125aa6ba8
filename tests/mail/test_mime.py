"""The MIME message that the mail server receives."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from app.clock import now
from app.mail.mime import build_message
from app.mail.models import Message


def received(**values: str) -> EmailMessage:
    """Return a message as the recipient's email program parses it."""
    row = Message(
        **{
            "id": 7,
            "sender": "Example <no-reply@example.com>",
            "recipient": "alice@example.com",
            "subject": "Grüße",
            "text": "Guten Tag 👋\n" + "x" * 2000,
            "html": "<p>Guten Tag 👋</p>",
            "locale": "pt_BR",
            "created_at": now(),
            **values,
        }
    )
    sent = build_message(row).as_bytes()
    assert sent.isascii()
    assert max(map(len, sent.splitlines())) <= 78
    return cast(EmailMessage, message_from_bytes(sent, policy=default))


def test_a_message_has_sender_recipient_subject_language_and_date() -> None:
    message = received()
    assert (message["From"], message["To"]) == (
        "Example <no-reply@example.com>",
        "alice@example.com",
    )
    assert (message["Subject"], message["Content-Language"]) == ("Grüße", "pt-BR")
    assert abs(message["Date"].datetime - now()).total_seconds() < 5


def test_a_message_is_marked_as_automatic() -> None:
    assert received()["Auto-Submitted"] == "auto-generated"


def test_a_message_has_a_text_part_and_then_an_html_part() -> None:
    text, html = received().iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines()[0] == "Guten Tag 👋"
    assert html.get_content().strip() == "<p>Guten Tag 👋</p>"


def test_each_attempt_has_the_same_message_id() -> None:
    at = now()
    first, second = received(created_at=at), received(created_at=at)  # type: ignore[arg-type]  # a keyword of the row
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")


@pytest.mark.parametrize("field", ["subject", "recipient"])
def test_a_line_break_in_a_header_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"CR|LF|linefeed|address|Invalid"):
        received(**{field: "alice@example.com\r\nBcc: eve@example.com"})
