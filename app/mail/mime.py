"""Build the MIME message (RFC 5322) for a row of the outbox."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from app.mail.models import Message


def build_message(row: Message) -> EmailMessage:
    """Return the message with a plain text and an HTML part.

    Its Message-ID is the same at each attempt, so that duplicates can be recognized. It is marked
    as generated, so that no autoresponder answers (RFC 3834, 5). Raises ValueError if a header
    would contain a line break.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender = parse_sender(row.sender)
    message["To"] = Address(addr_spec=row.recipient)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.id}.{row.created_at:%Y%m%d%H%M%S%f}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    # Quoted-printable passes every server: 7-bit characters, lines of at most 76.
    message.set_content(row.text, cte="quoted-printable")
    message.add_alternative(row.html, subtype="html", cte="quoted-printable")
    # Last, because add_alternative() moves every Content-* header into the first part.
    message["Content-Language"] = row.locale.replace("_", "-")
    return message


def parse_sender(text: str) -> Address:
    """Parse `Name <address>`. Raises ValueError if it contains no address."""
    name, address = parseaddr(text)
    return Address(name, addr_spec=address)
