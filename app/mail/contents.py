"""Check what a caller adds to an email: headers, a Reply-To, and attachments."""

import re
from collections.abc import Iterable, Mapping, Sequence
from email.headerregistry import Address

from flask import current_app

from app.mail.addresses import normalize_address
from app.mail.mime import parse_sender
from app.mail.models import MAX_FILENAME_LENGTH, MAX_TYPE_LENGTH, Attachment

# RFC 5322, 2.2: printable ASCII without the colon.
HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
# Without a line break, and short enough for one line (RFC 5322, 2.1.1).
HEADER_VALUE = re.compile(r"[ -~]{1,900}")
# Headers that app/mail/mime.py writes, and those from which mail servers take the recipients.
RESERVED = re.compile(
    r"from|to|cc|bcc|subject|date|message-id|sender|reply-to|return-path|auto-submitted"
    r"|mime-version|content-.*|resent-.*|received.*|dkim-.*|arc-.*|list-unsubscribe.*",
    re.IGNORECASE,
)
FILENAME = re.compile(rf"[^\x00-\x1f\x7f/\\\u2028\u2029]{{1,{MAX_FILENAME_LENGTH}}}")
CONTENT_TYPE = re.compile(r"(?!multipart/|message/)[a-z]+/[a-z0-9.+-]+")


class HeaderRefused(ValueError):
    """A header is not allowed, or could add another one; the message says which."""


class AttachmentRefused(ValueError):
    """An attachment is too large, or its name or type is invalid; the message says why."""


def check_headers(headers: Mapping[str, str], reply_to: str) -> dict[str, str]:
    """Return the headers to store. Raises HeaderRefused."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or RESERVED.fullmatch(name):
            raise HeaderRefused(f"The header {name!r} cannot be set. Choose another name.")
        if not HEADER_VALUE.fullmatch(value):
            raise HeaderRefused(
                f"The value of the header {name} is not a line of at most 900 ASCII characters."
            )
    return {**headers, **({"Reply-To": check_reply_to(reply_to)} if reply_to else {})}


def check_reply_to(text: str) -> str:
    """Return `Name <address>` as a header. Raises HeaderRefused."""
    try:
        sender = parse_sender(text)
        if not text.isprintable():
            raise ValueError(f"{text!r} contains a control character.")
        return str(Address(sender.display_name, addr_spec=normalize_address(sender.addr_spec)))
    except ValueError as error:
        raise HeaderRefused(
            f"The Reply-To {text!r} is invalid. Write an address, or `Name <address>`."
        ) from error


def check_attachments(attachments: Iterable[Attachment]) -> Sequence[Attachment]:
    """Return the attachments of an email. Raises AttachmentRefused."""
    files = list(attachments)
    for file in files:
        if not FILENAME.fullmatch(file.filename):
            raise AttachmentRefused(
                f"{file.filename!r} is not the name of a file. Use at most {MAX_FILENAME_LENGTH} "
                "characters, without slashes and line breaks."
            )
        if not CONTENT_TYPE.fullmatch(file.content_type) or (
            len(file.content_type) > MAX_TYPE_LENGTH
        ):
            raise AttachmentRefused(
                f"{file.content_type!r} is not a content type. Write one such as text/csv."
            )
    size, limit = sum(len(file.content) for file in files), current_app.config["MAIL_SIZE_LIMIT"]
    if size > limit:
        raise AttachmentRefused(
            f"The attachments have {size} bytes, and MAIL_SIZE_LIMIT is {limit}. The email was "
            "not written. Send a link to a page instead."
        )
    return files
