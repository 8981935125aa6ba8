"""Accounts that are to be deleted, and the time in which that can still be taken back."""

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.database import Model, db
from app.users.models import User


class Deletion(Model):
    """Somebody's wish to be deleted; signing in again takes it back."""

    __tablename__ = "deletions"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(index=True)


def cancel_deletion(user: User) -> bool:
    """Keep an account that was to be deleted; return whether there was such a wish."""
    statement = delete(Deletion).where(Deletion.user_id == user.id).returning(Deletion.user_id)
    return db.session.execute(statement).one_or_none() is not None


def delete_due_accounts(most: int) -> list[str]:
    """Remove people whose time is over, with all that is theirs; return who they were.

    Both rows are locked before anything is removed, and who is signing in at this moment is left
    out: that sign-in may take the wish back, and tells its owner so. What knows people by their
    address and not by their row is the caller's to forget.
    """
    due = (
        select(User.id)
        .join(Deletion, Deletion.user_id == User.id)
        .where(Deletion.due_at <= now())
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    people = db.session.scalars(due).all()
    return list(db.session.scalars(delete(User).where(User.id.in_(people)).returning(User.email)))
