"""Send one email of the outbox; app/jobs/queue.py retries it.

No transaction is open while the mail server answers.
"""

from flask import current_app

from app.jobs.queue import PermanentFailure, Queue
from app.mail.mime import build_message
from app.mail.models import Message
from app.mail.transports import MailRefused, Transport
from app.unit_of_work import unit_of_work


def send(message: Message) -> None:
    """Send a claimed email and mark it as sent. Raises PermanentFailure, or what sending raised.

    The text is then deleted, because its links give access and a copy of the database must not.
    Development keeps it in the outbox.
    """
    transport: Transport = current_app.extensions["mail_transport"]
    try:
        transport.send(build_message(message))
    except MailRefused as error:
        raise PermanentFailure(str(error)) from error
    deleted = {} if current_app.debug else {"text": "", "html": ""}
    with unit_of_work():
        OUTBOX.mark_done(message, **deleted)


OUTBOX = Queue("mail", Message, send, "MAIL_ATTEMPT_LIMIT", "MAIL_CLAIM_LIFETIME")
