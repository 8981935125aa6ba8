"""Read the security events of a user."""

from sqlalchemy import select

from app.audit.models import SecurityEvent
from app.database import db


def list_events(user_id: int, *, before: int, size: int) -> tuple[list[SecurityEvent], int | None]:
    """Return a page of a user's events, newest first, and `before` of the next page.

    Pages start at an event's id, not at an offset: new events do not shift them, and the
    thousandth page is as fast as the first.
    """
    own = (SecurityEvent.user_id == user_id) & (SecurityEvent.id < before)
    newest = select(SecurityEvent).where(own).order_by(SecurityEvent.id.desc()).limit(size + 1)
    events = list(db.session.scalars(newest))
    return events[:size], events[size - 1].id if len(events) > size else None
