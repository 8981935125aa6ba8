"""Forget events that need not be kept any longer."""

from flask import current_app

from app.audit.models import Retention, SecurityEvent
from app.clock import now
from app.database import db
from app.unit_of_work import unit_of_work
from app.unit_of_work.batches import delete_in_batches


def prune_events() -> int:
    """Forget what is older than AUDIT_RETENTION; return how many events that were.

    The line is drawn first, in a row of its own, because the database lets go of nothing younger.
    """
    line = now() - current_app.config["AUDIT_RETENTION"]
    with unit_of_work():
        db.session.merge(Retention(id=1, kept_since=line))
    return delete_in_batches(SecurityEvent, SecurityEvent.at < line)
