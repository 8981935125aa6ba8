"""Send one email of the outbox; app/jobs/queue.py retries it.

No transaction is open while the mail server answers.
"""

from email.message import EmailMessage

from flask import current_app
from sqlalchemy import delete

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
        mime = None if reason else build_message(message)
    if mime is None:
        end(message, state=Message.WITHHELD, last_error=reason)
        return Message.WITHHELD
    deliver(message, mime)
    end(message, lift=suppressed is not None)
    return None


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


def end(message: Message, *, lift: bool = False, **values: object) -> None:
    """Mark an email as sent, or as `state` says, and delete its content."""
    if not current_app.debug:
        values |= {"text": "", "html": "", "headers": None}
    with unit_of_work():
        OUTBOX.mark_done(message, **values)
        if not current_app.debug:
            db.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
        if lift:
            lift_bounces([message.recipient])


OUTBOX = Queue("mail", Message, send, "MAIL_ATTEMPT_LIMIT", "MAIL_CLAIM_LIFETIME")
