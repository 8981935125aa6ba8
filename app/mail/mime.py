"""Build the MIME message (RFC 5322) for a row of the outbox."""

from collections.abc import Iterable
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from textwrap import wrap

from app.mail.models import Attachment, Message


class AsciiHeader(UnstructuredHeader, BaseHeader):
    """A header that is folded only at spaces.

    The library encodes words that are longer than a line as RFC 2047 describes, which is wrong
    in URLs and identifiers: no mail program would find the link of List-Unsubscribe.
    """

    def fold(self, *, policy: Policy) -> str:
        width = 76 - len(self.name)
        lines = wrap(self, width, break_long_words=False, break_on_hyphens=False)
        return f"{self.name}: " + f"{policy.linesep} ".join(lines) + policy.linesep


def make_policy(names: Iterable[str]) -> "EmailPolicy[EmailMessage]":
    """Return the policy of a message that has these headers of its own."""
    headers = HeaderRegistry()
    for name in names:
        headers.map_to_type(name, AsciiHeader)
    return SMTP.clone(header_factory=headers)


def build_message(row: Message, attachments: Iterable[Attachment] = ()) -> EmailMessage:
    """Return the message with a plain text and an HTML part, and its attachments.

    Its Message-ID is the same at each attempt, so that duplicates can be recognized. It is marked
    as generated, so that no autoresponder answers (RFC 3834, 5). Raises ValueError if a header
    would contain a line break.
    """
    headers = row.headers or {}
    message = EmailMessage(policy=make_policy(headers.keys() - {"Reply-To"}))
    message["From"] = sender = parse_sender(row.sender)
    message["To"] = Address(addr_spec=row.recipient)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.id}.{row.created_at:%Y%m%d%H%M%S%f}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in headers.items():
        message[name] = value
    # Quoted-printable passes every server: 7-bit characters, lines of at most 76.
    message.set_content(row.text, cte="quoted-printable")
    message.add_alternative(row.html, subtype="html", cte="quoted-printable")
    for file in attachments:
        kind, _, subtype = file.content_type.partition("/")
        message.add_attachment(file.content, kind, subtype, filename=file.filename)
    # Last, because the parts take every Content-* header that is there.
    message["Content-Language"] = row.locale.replace("_", "-")
    return message


def unsubscribe_headers(urls: list[str]) -> dict[str, str]:
    """Return the headers with which email programs unsubscribe in one click (RFC 2369, 8058)."""
    return {
        "List-Unsubscribe": ", ".join(f"<{url}>" for url in urls),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def parse_sender(text: str) -> Address:
    """Parse `Name <address>`. Raises ValueError if it contains no address."""
    name, address = parseaddr(text)
    if not address:
        raise ValueError(f"{text!r} contains no address.")
    return Address(name, addr_spec=address)
