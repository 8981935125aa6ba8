"""Scheduled deletions: signing in again cancels one, `flask prune` carries out those due."""

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model, db
from app.mail.outbox import delete_mails_to
from app.unit_of_work.batches import in_batches
from app.users.models import User


class Deletion(Model):
    """The account of this user is scheduled for deletion."""

    __tablename__ = "deletions"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(index=True)


def cancel_deletion(user: User) -> bool:
    """Keep an account that was scheduled for deletion; return whether it was."""
    statement = delete(Deletion).where(Deletion.user_id == user.id).returning(Deletion.user_id)
    return db.session.execute(statement).one_or_none() is not None


def prune_accounts() -> int:
    """Delete the accounts whose deletion is due; return how many."""
    return in_batches(delete_due_accounts)


def delete_due_accounts(limit: int) -> int:
    """Delete up to `limit` due accounts, with their rows and emails; return how many.

    Both rows are locked first. Users who are signing in at this moment are skipped: the sign-in
    may cancel the deletion, and has told the user so.
    """
    due = (
        select(User.id)
        .join(Deletion, Deletion.user_id == User.id)
        .where(Deletion.due_at <= now())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = db.session.scalars(due).all()
    emails = db.session.scalars(delete(User).where(User.id.in_(ids)).returning(User.email)).all()
    # Emails are stored by address, not by user id.
    delete_mails_to(emails)
    return len(emails)
