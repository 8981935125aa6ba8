"""Which emails staff see, and how they are sent again. A subject or a text is never read."""

from collections.abc import Callable

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import load_only

from app.accounts.links import DailyLimitReached, SentRecently
from app.accounts.password_reset import write_reset_email
from app.accounts.registration import write_registration_email
from app.audit.trail import record
from app.database import starts_with
from app.jobs.queue import wake
from app.jobs.queued import GIVEN_UP, WAITING
from app.mail.models import Message
from app.mail.sending import OUTBOX
from app.mail.suppression import lift_bounces
from app.staff.actions import MAIL_RESENT
from app.staff.refusals import EmailLimitReached, NotSentAgain
from app.unit_of_work import after_commit
from app.users.models import User

# Written again with a new link, because the link in the stored email may have expired, and is
# deleted once the email is sent. Each raises EmailWithheld.
WRITTEN_AGAIN: dict[str, Callable[[str], None]] = {
    "accounts/mail/confirm": write_registration_email,
    "accounts/mail/reset": write_reset_email,
}
# The link in these may have expired, and only what the user does makes a new one.
NEVER_SENT_AGAIN = {
    "accounts/mail/confirm_new_email",
    "accounts/mail/email_change_requested",
    "accounts/mail/email_changed",
    "staff/mail/factor_reset",
}
# Neither a subject nor a text: reading them from such a row is an error.
SHOWN = load_only(
    Message.id,
    Message.name,
    Message.recipient,
    Message.state,
    Message.attempts,
    Message.next_attempt_at,
    Message.created_at,
    Message.locale,
    raiseload=True,
)


def mails_to(prefix: str, state: str | None) -> Select[tuple[Message]]:
    """Select the emails in a state to the addresses that start with a text, newest first."""
    mails = select(Message).options(SHOWN).order_by(Message.id.desc())
    if state:
        mails = mails.where(Message.state == state)
    return mails.where(starts_with(Message.recipient, prefix)) if prefix else mails


def may_send_again(mail: Message) -> bool:
    return mail.state != WAITING and not reason_not_to_send(mail)


def reason_not_to_send(mail: Message) -> str:
    """Return why an email that does not wait cannot be sent again, or an empty string."""
    if mail.name in WRITTEN_AGAIN:
        return ""
    if mail.name in NEVER_SENT_AGAIN:
        return str(
            _("The link in this email may have expired. Only the user can request a new one.")
        )
    if mail.state != GIVEN_UP:
        return str(_("Only an email that was given up can be sent again."))
    return ""


def send_again(mail: Message, user: User | None) -> bool:
    """Send an email again, also if the address was rejected; `user` is its recipient.

    Return False, having sent nothing, if it waits already or, where it is written again, if such
    an email was sent to the address a moment ago. The caller has called lock_operator(), then
    locked the email, and requests the commit. Raises NotSentAgain and EmailLimitReached.
    """
    if mail.state == WAITING:
        return False
    reason = reason_not_to_send(mail)
    if reason:
        raise NotSentAgain(reason)
    if mail.name not in WRITTEN_AGAIN:
        OUTBOX.retry(mail.id)
        after_commit(wake, OUTBOX.name)
    elif not write_again(mail):
        return False
    lift_bounces([mail.recipient])
    record(MAIL_RESENT, user.id if user else None, about=mail.name)
    return True


def write_again(mail: Message) -> bool:
    """Write an email with a new link, in the language of the old one.

    Return False if such an email was sent a moment ago. Raises EmailLimitReached.
    """
    try:
        with force_locale(mail.locale):
            WRITTEN_AGAIN[mail.name](mail.recipient)
    except SentRecently:
        return False
    except DailyLimitReached as reached:
        raise EmailLimitReached from reached
    return True
