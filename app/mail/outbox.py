"""Write emails to the outbox. They are sent after the commit, or never.

An email is a row like any other: a rollback removes it, a crash does not.
"""

from collections.abc import Iterable, Mapping

from blinker import Namespace
from flask import current_app
from flask_babel import get_locale
from limits import RateLimitItemPerDay, RateLimitItemPerHour
from sqlalchemy import delete

from app.database import db
from app.mail.addresses import normalize_address
from app.mail.contents import check_attachments, check_headers
from app.mail.mime import unsubscribe_headers
from app.mail.models import Attachment, Message
from app.mail.sending import OUTBOX
from app.mail.suppression import lift_bounces
from app.mail.templates import render_mail
from app.mail.topics import Topic, find_subscription
from app.unit_of_work import open_unit, unit_of_work
from app.web.rate_limits import count_hit

# Sent for each email that a visitor requested and MAIL_DAILY_LIMIT withheld.
withheld = Namespace().signal("mail-withheld")


def send_mail_later(
    recipient: str,
    template: str,
    *,
    topic: Topic | None = None,
    locale: str | None = None,
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
    attachments: Iterable[Attachment] = (),
    **values: object,
) -> None:
    """Render an email and store it in the outbox; it is sent after the commit.

    `template` is the path without extension: `accounts/mail/reset` is rendered from reset.txt and
    reset.html with `values`. `locale` is the language of the recipient (default: that of the
    request). An email with a `topic` is optional: it is not stored if the user does not want it.
    Raises AddressRefused, HeaderRefused, AttachmentRefused and TopicUnknown, and ReadOnlyRequest
    in a request that only reads.
    """
    language = locale or str(get_locale())
    message = Message(
        name=template,
        sender=current_app.config["MAIL_FROM"],
        recipient=normalize_address(recipient),
        locale=language,
        headers=check_headers(headers or {}, reply_to) or None,
        attachments=check_attachments(attachments),
    )
    if topic is None:
        put(message, values)
    elif open_unit() is not None:
        put_optional(message, topic, values)
    else:
        with unit_of_work():
            put_optional(message, topic, values)


def put(message: Message, values: Mapping[str, object]) -> None:
    """Render an email and store it in the outbox."""
    mail = render_mail(message.name, message.locale, values)
    message.subject, message.text, message.html = mail.subject, mail.text, mail.html
    OUTBOX.put(message)


def put_optional(message: Message, topic: Topic, values: Mapping[str, object]) -> None:
    """Store an optional email with its links to unsubscribe, if the user wants it."""
    subscription = find_subscription(message.recipient, topic)
    if subscription is None:
        return
    urls = subscription.unsubscribe_urls
    message.headers = {**(message.headers or {}), **unsubscribe_headers(urls)}
    message.topic, message.subscriber_id = topic.name, subscription.user_id
    put(message, {"unsubscribe_url": urls[0], **values})


def may_mail_on_request(recipient: str, kind: str) -> bool:
    """Return whether an address may be sent an email that a visitor requested, and count it.

    A visitor can enter any address, so that each address gets at most MAIL_DAILY_LIMIT such emails
    a day, and after that one an hour of each `kind`: with none at all, an attacker could keep the
    account owner from resetting a password. Call this before a link or anything else is made
    for the email. If it returns False, respond as usual, so that the visitor learns nothing.
    """
    address = recipient.lower()
    per_day = RateLimitItemPerDay(current_app.config["MAIL_DAILY_LIMIT"])
    if not count_hit([per_day], "mail", address):
        return True
    if not count_hit([RateLimitItemPerHour(1)], "mail", kind, address):
        return True
    current_app.logger.warning("an email was withheld (%s): MAIL_DAILY_LIMIT is reached", kind)
    withheld.send(kind)
    return False


def delete_mails_to(addresses: Iterable[str]) -> None:
    """Delete all emails to these addresses, sent or waiting, and their bounces."""
    recipients = [normalize_address(address) for address in addresses]
    db.session.execute(delete(Message).where(Message.recipient.in_(recipients)))
    lift_bounces(recipients)
