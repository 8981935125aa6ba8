"""The security events of staff. Those of which the owner learns by an email are `is_mailed`."""

from app.audit.actions import ActionKind
from app.web.i18n import lazy_gettext as _

STAFF_LOOKED = "staff.looked"
LOGINS_ENDED = "logins.ended"
RESET_SENT = "reset.sent"
FACTOR_RESET_REQUESTED = "factor_reset.requested"
FACTOR_RESET_STOPPED = "factor_reset.stopped"
FACTOR_RESET_DROPPED = "factor_reset.dropped"
JOB_RETRIED = "job.retried"
JOB_GIVEN_UP = "job.given_up"
MAIL_RESENT = "mail.resent"
SCHEDULE_STARTED = "schedule.started"

KINDS = [
    ActionKind(STAFF_LOOKED, _("Account viewed")),
    ActionKind(LOGINS_ENDED, _("Signed out of all devices"), is_mailed=True),
    # Their emails are about the event, so that there is no other.
    ActionKind(RESET_SENT, _("Password reset sent")),
    ActionKind(FACTOR_RESET_REQUESTED, _("Two-factor authentication: reset requested")),
    ActionKind(
        FACTOR_RESET_STOPPED, _("Two-factor authentication: reset stopped"), is_mailed=True
    ),
    ActionKind(
        FACTOR_RESET_DROPPED, _("Two-factor authentication: reset canceled"), is_mailed=True
    ),
    # Of no account, except an email of its recipient.
    ActionKind(JOB_RETRIED, _("Job retried")),
    ActionKind(JOB_GIVEN_UP, _("Job given up")),
    ActionKind(MAIL_RESENT, _("Email sent again")),
    ActionKind(SCHEDULE_STARTED, _("Schedule started")),
]
