"""A mail as it goes over the wire (RFC 5322), made from its row in the outbox."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from app.mail.models import Message


def make_letter(message: Message) -> EmailMessage:
    """Return the letter, text first. Raises ValueError before a header holds a line break.

    Its Message-ID is the same at each attempt, so that whoever gets it twice can tell. It says
    that it was written by a machine, so that no other machine answers (RFC 3834, 5).
    """
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender = parse_sender(message.sender)
    letter["To"] = Address(addr_spec=message.recipient)
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = f"<{message.id}.{message.created_at:%Y%m%d%H%M%S%f}@{sender.domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    # Quoted-printable passes every server: no 8-bit characters, no line over 76.
    letter.set_content(message.text, cte="quoted-printable")
    letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
    # Only now: the content brings headers of its own and takes these to be its.
    letter["Content-Language"] = message.locale.replace("_", "-")
    return letter


def parse_sender(text: str) -> Address:
    """Read `Name <address>`; raise ValueError where there is no address in it."""
    name, address = parseaddr(text)
    return Address(name, addr_spec=address)
