"""Delete an account: at once for everybody to see, for good after a while."""

from flask import current_app

from app.accounts.mail import mail_deletion
from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.database import db
from app.sessions.logins import end_logins
from app.users.deletions import Deletion
from app.users.models import User


def delete_account(user: User) -> None:
    """Note the wish, end every login, and tell the owner until when signing in takes it back.

    The caller has locked the user, and asks for the commit.
    """
    due_at = now() + current_app.config["DELETION_GRACE_LIFETIME"]
    db.session.add(Deletion(user_id=user.id, due_at=due_at))
    end_logins(user)
    record(Action.ACCOUNT_DELETED, user.id)
    mail_deletion(user, due_at)
