"""Read the record as the person it is about sees it."""

from sqlalchemy import select

from app.audit.models import SecurityEvent
from app.database import db


def list_events(user_id: int, *, before: int, size: int) -> tuple[list[SecurityEvent], int | None]:
    """Return a page of somebody's events, newest first, and what the next page comes before.

    Pages are told apart by an event's id and not by number: what happens meanwhile shifts nothing,
    and the thousandth page costs as little as the first.
    """
    own = (SecurityEvent.user_id == user_id) & (SecurityEvent.id < before)
    newest = select(SecurityEvent).where(own).order_by(SecurityEvent.id.desc()).limit(size + 1)
    events = list(db.session.scalars(newest))
    return events[:size], events[size - 1].id if len(events) > size else None
