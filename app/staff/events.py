"""Read the security events of all users, with the addresses that staff may see."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.audit.models import SecurityEvent
from app.users.models import User

Actor = aliased(User)


def events_with_users() -> Select[Any]:
    """Select each event with the address of its user and of the staff who acted, newest first."""
    events = select(SecurityEvent, User.email, Actor.email)
    named = events.outerjoin(User, User.id == SecurityEvent.user_id).outerjoin(
        Actor, Actor.id == SecurityEvent.actor_id
    )
    return named.order_by(SecurityEvent.id.desc())
