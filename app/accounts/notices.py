"""Tell the owner by mail what happened to their account, wherever it was recorded."""

from app.accounts.mail import mail_notice
from app.application import Application
from app.audit.actions import MAILED
from app.audit.models import SecurityEvent
from app.audit.trail import recorded
from app.database import db
from app.users.models import User


def init_app(app: Application) -> None:
    recorded.connect(notify_owner)


def notify_owner(event: SecurityEvent) -> None:
    """Write the mail in the unit that records the event: both are saved, or neither.

    None is written about the first device of all: its owner has just opened the account there.
    """
    if event.action not in MAILED or event.details.get("first"):
        return
    user = db.session.get(User, event.user_id) if event.user_id else None
    if user is not None:
        mail_notice(user, event)
