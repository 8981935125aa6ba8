"""Schedule the deletion of an account; app/users/scheduled_deletions.py carries it out."""

from flask import current_app

from app.accounts.mail import mail_deletion
from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.database import db
from app.sessions.logins import end_logins
from app.users.accounts import account_closed, account_closing
from app.users.models import User
from app.users.scheduled_deletions import Deletion


def delete_account(user: User) -> None:
    """Schedule the deletion, end every login, and send the owner an email with the date.

    Signing in before that date cancels it. The caller has locked the user, and requests the
    commit. Raises AccountRequired.
    """
    account_closing.send(user)
    due_at = now() + current_app.config["DELETION_GRACE_LIFETIME"]
    db.session.add(Deletion(user_id=user.id, due_at=due_at))
    account_closed.send(user)
    end_logins(user)
    record(Action.ACCOUNT_DELETED, user.id)
    mail_deletion(user, due_at)
