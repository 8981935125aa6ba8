"""Write emails to the outbox. They are sent after the commit, or never.

An email is a row like any other: a rollback removes it, a crash does not.
"""

from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import get_locale
from sqlalchemy import delete

from app.database import db
from app.mail.models import Message
from app.mail.sending import OUTBOX
from app.mail.templates import render_mail


class AddressRefused(ValueError):
    """No email can be sent to this address; the message says why."""


def send_mail_later(
    recipient: str, template: str, *, locale: str | None = None, **values: object
) -> None:
    """Render an email and store it in the outbox; it is sent after the commit.

    `template` is the path without extension: `accounts/mail/reset` is rendered from reset.txt and
    reset.html with `values`. `locale` is the language of the recipient (default: that of the
    request). Raises AddressRefused, and ReadOnlyRequest in a request that only reads.
    """
    language = locale or str(get_locale())
    mail = render_mail(template, language, values)
    message = Message(
        name=template,
        sender=current_app.config["MAIL_FROM"],
        recipient=normalize_address(recipient),
        locale=language,
        **vars(mail),
    )
    OUTBOX.put(message)


def delete_mails_to(addresses: Iterable[str]) -> None:
    """Delete all emails to these addresses, sent or waiting."""
    recipients = [normalize_address(address) for address in addresses]
    db.session.execute(delete(Message).where(Message.recipient.in_(recipients)))


def normalize_address(address: str) -> str:
    """Return the address with an ASCII domain (RFC 5891). Raises AddressRefused."""
    try:
        valid = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise AddressRefused(f"{address!r} is not an email address: {error}") from error
    return f"{valid.local_part}@{valid.ascii_domain}"
