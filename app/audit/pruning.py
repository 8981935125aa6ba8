"""Forget events that need not be kept any longer."""

from datetime import datetime

from flask import current_app
from sqlalchemy import delete, select

from app.audit.models import Retention, SecurityEvent
from app.clock import now
from app.database import db
from app.unit_of_work import unit_of_work

# Few enough that nobody waits long for SQLite's one writer, many enough to get somewhere.
BATCH = 1000


def prune_events() -> int:
    """Forget what is older than AUDIT_RETENTION; return how many events that were.

    The line is drawn first, in a row of its own, because the database lets go of nothing younger.
    Each batch is a unit of its own, so that a long overdue pruning does not stop the site.
    """
    line = now() - current_app.config["AUDIT_RETENTION"]
    with unit_of_work():
        db.session.merge(Retention(id=1, kept_since=line))
    pruned = 0
    while forgotten := _prune_batch(line):
        pruned += forgotten
    return pruned


def _prune_batch(line: datetime) -> int:
    oldest = select(SecurityEvent.id).where(SecurityEvent.at < line).limit(BATCH)
    statement = delete(SecurityEvent).where(SecurityEvent.id.in_(oldest))
    with unit_of_work():
        return len(db.session.execute(statement.returning(SecurityEvent.id)).all())
