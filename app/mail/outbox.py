"""Write a mail in the unit that causes it; it is sent after the commit, or never.

A mail is a row like any other: a rollback takes it away, a crash does not.
"""

from collections.abc import Iterable

from blinker import Namespace
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import get_locale
from limits import RateLimitItemPerDay, RateLimitItemPerHour
from sqlalchemy import delete

from app.database import db
from app.mail.models import Message
from app.mail.sending import OUTBOX
from app.mail.templates import write_mail
from app.rate_limits import count_hit

# Sent for each mail that a visitor asked for and MAIL_DAILY_LIMIT withheld.
withheld = Namespace().signal("mail-withheld")


class AddressRefused(ValueError):
    """No mail can be sent to this; the message says why."""


def send_mail_later(
    recipient: str, template: str, *, locale: str | None = None, **values: object
) -> None:
    """Write a mail from `accounts/mail/reset.txt` and its .html twin, sent once this is committed.

    `template` is that path without its ending, `locale` the language of whoever will read it (by
    default that of the request), `values` what the templates are given. Raises AddressRefused,
    and ReadOnlyRequest in a request that only reads.
    """
    language = locale or str(get_locale())
    written = write_mail(template, language, values)
    message = Message(
        name=template,
        sender=current_app.config["MAIL_FROM"],
        recipient=deliverable(recipient),
        locale=language,
        **vars(written),
    )
    OUTBOX.put(message)


def may_mail_on_request(recipient: str, kind: str) -> bool:
    """Return whether an address may be sent what a visitor asks for, and count that it was.

    Any visitor can name any address, so one gets MAIL_DAILY_LIMIT of those a day. Then it gets one
    an hour of each `kind`: with none at all, an attacker could keep a reset from its owner. Ask
    this before anything is made for the mail, such as a link that replaces an older one. Where it
    returns False, answer as always, so that the visitor learns nothing.
    """
    address = recipient.lower()
    a_day = RateLimitItemPerDay(current_app.config["MAIL_DAILY_LIMIT"])
    if not count_hit([a_day], "mail", address):
        return True
    if not count_hit([RateLimitItemPerHour(1)], "mail", kind, address):
        return True
    current_app.logger.warning("a mail was withheld (%s): MAIL_DAILY_LIMIT is reached", kind)
    withheld.send(kind)
    return False


def forget_mails_to(addresses: Iterable[str]) -> None:
    """Delete what was sent to these addresses, or waits to be, as nobody is there any more."""
    recipients = [deliverable(address) for address in addresses]
    db.session.execute(delete(Message).where(Message.recipient.in_(recipients)))


def deliverable(address: str) -> str:
    """Return the address with its domain as the DNS knows it (RFC 5891); raise AddressRefused."""
    try:
        valid = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise AddressRefused(f"{address!r} is no address for mail: {error}") from error
    return f"{valid.local_part}@{valid.ascii_domain}"
