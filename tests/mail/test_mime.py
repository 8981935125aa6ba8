"""A mail as it goes over the wire."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from app.clock import now
from app.mail.letter import make_letter
from app.mail.models import Message


def letter(**values: str) -> EmailMessage:
    """Return a letter as whoever gets it reads it."""
    message = Message(
        **{
            "id": 7,
            "sender": "Lockstep <no-reply@example.com>",
            "recipient": "alice@example.com",
            "subject": "Grüße",
            "text": "Guten Tag 👋\n" + "x" * 2000,
            "html": "<p>Guten Tag 👋</p>",
            "locale": "pt_BR",
            "created_at": now(),
            **values,
        }
    )
    sent = make_letter(message).as_bytes()
    assert sent.isascii()
    assert max(map(len, sent.splitlines())) <= 78
    return cast(EmailMessage, message_from_bytes(sent, policy=default))


def test_a_letter_says_who_writes_what_to_whom() -> None:
    read = letter()
    assert (read["From"], read["To"]) == ("Lockstep <no-reply@example.com>", "alice@example.com")
    assert (read["Subject"], read["Content-Language"]) == ("Grüße", "pt-BR")
    assert abs(read["Date"].datetime - now()).total_seconds() < 5


def test_no_other_machine_answers_it() -> None:
    assert letter()["Auto-Submitted"] == "auto-generated"


def test_the_text_comes_first_and_the_twin_is_the_better_one() -> None:
    text, html = letter().iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines()[0] == "Guten Tag 👋"
    assert html.get_content().strip() == "<p>Guten Tag 👋</p>"


def test_each_attempt_carries_the_same_message_id() -> None:
    at = now()
    first, second = letter(created_at=at), letter(created_at=at)  # type: ignore[arg-type]
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")


@pytest.mark.parametrize("field", ["subject", "recipient"])
def test_no_line_break_gets_into_a_header(field: str) -> None:
    with pytest.raises(ValueError, match=r"CR|LF|linefeed|address|Invalid"):
        letter(**{field: "alice@example.com\r\nBcc: eve@example.com"})
