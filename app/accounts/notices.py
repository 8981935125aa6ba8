"""Send the account owner an email about important security events (A5).

This listens to the signal `recorded`, because parts below this one record such events
too: each action with `is_mailed` results in one email, whichever part recorded it.
"""

from app.accounts.mail import mail_notice
from app.application import Application
from app.audit.actions import get_action_kind
from app.audit.models import SecurityEvent
from app.audit.trail import recorded
from app.database import db
from app.users.models import User


def init_app(app: Application) -> None:
    recorded.connect(notify_owner)


def notify_owner(event: SecurityEvent) -> None:
    """Write the email in the unit of work that records the event.

    The first device of an account is not reported: its user has just registered there.
    """
    if not get_action_kind(event.action).is_mailed or event.details.get("first"):
        return
    user = db.session.get(User, event.user_id) if event.user_id else None
    if user is not None:
        mail_notice(user, event)
