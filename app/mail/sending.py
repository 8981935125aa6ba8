"""Send one email of the outbox; app/jobs/queue.py retries it.

No transaction is open while the mail server answers.
"""

from collections.abc import Sequence
from email.message import EmailMessage

from flask import current_app
from sqlalchemy import delete, select

from app.database import db
from app.jobs.queue import PermanentFailure, Queue
from app.mail.mime import build_message
from app.mail.models import Attachment, Message
from app.mail.suppression import find_suppression, is_withheld, lift_bounces, suppress
from app.mail.topics import is_still_wanted
from app.mail.transports import MailRefused, RecipientRefused, Transport
from app.unit_of_work import reading, unit_of_work

SUPPRESSED = "The address is suppressed: flask mail suppressed."
UNWANTED = "The user does not want emails of this topic."


def send(message: Message) -> str | None:
    """Send a claimed email and mark it as sent. Raises PermanentFailure, or what sending raised.

    The content is then deleted, because its links give access and a copy of the database must not.
    Development keeps it in the outbox. Returns WITHHELD if the email must not be sent any more.
    """
    with reading():
        suppressed = find_suppression(message.recipient)
        reason = reason_to_withhold(message, is_suppressed=is_withheld(message, suppressed))
        attachments = attachments_of(message)
    if not reason:
        deliver(message, build_message(message, attachments))
    with unit_of_work():
        ended = {"state": Message.WITHHELD, "last_error": reason} if reason else {}
        OUTBOX.mark_done(message, **ended, **erased())
        if attachments and erased():
            db.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
        if suppressed and not reason:
            lift_bounces([message.recipient])
    return Message.WITHHELD if reason else None


def erased() -> dict[str, object]:
    return {} if current_app.debug else {"text": "", "html": "", "headers": None}


def attachments_of(message: Message) -> Sequence[Attachment]:
    files = select(Attachment).where(Attachment.message_id == message.id)
    return db.session.scalars(files.order_by(Attachment.id)).all()


def reason_to_withhold(message: Message, *, is_suppressed: bool) -> str:
    """Return why an email that waited must not be sent any more, or an empty string."""
    if is_suppressed:
        return SUPPRESSED
    if message.topic and not is_still_wanted(message.subscriber_id, message.topic):
        return UNWANTED
    return ""


def deliver(message: Message, mime: EmailMessage) -> None:
    """Pass an email to the mail server. An address that the server rejects is suppressed."""
    transport: Transport = current_app.extensions["mail_transport"]
    try:
        transport.send(mime)
    except RecipientRefused as error:
        with unit_of_work():
            suppress(message.recipient, str(error), is_bounce=True)
        raise PermanentFailure(str(error)) from error
    except MailRefused as error:
        raise PermanentFailure(str(error)) from error


OUTBOX = Queue("mail", Message, send, "MAIL_ATTEMPT_LIMIT", "MAIL_CLAIM_LIFETIME")
