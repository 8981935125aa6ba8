"""Delete events that are older than AUDIT_RETENTION."""

from flask import current_app

from app.audit.models import Retention, SecurityEvent
from app.clock import now
from app.database import db
from app.unit_of_work import unit_of_work
from app.unit_of_work.batches import delete_in_batches


def prune_events() -> int:
    """Delete events older than AUDIT_RETENTION; return how many.

    Retention is updated first, because the database rejects the deletion of later events.
    """
    kept_since = now() - current_app.config["AUDIT_RETENTION"]
    with unit_of_work():
        db.session.merge(Retention(id=1, kept_since=kept_since))
    return delete_in_batches(SecurityEvent, SecurityEvent.at < kept_since)
