"""Read the security events of all users, with the addresses that staff may see."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.audit.models import SecurityEvent
from app.audit.trail import record_regardless
from app.staff.actions import STAFF_LOOKED
from app.users.models import User

Actor = aliased(User)


def events_with_users() -> Select[Any]:
    """Select each event with the address of its user and of the staff who acted, newest first."""
    events = select(SecurityEvent, User.email, Actor.email)
    named = events.outerjoin(User, User.id == SecurityEvent.user_id).outerjoin(
        Actor, Actor.id == SecurityEvent.actor_id
    )
    return named.order_by(SecurityEvent.id.desc())


def record_look(actor: User, user: User, shown: Iterable[SecurityEvent]) -> None:
    """Record that staff viewed an account, unless that is among the events shown already."""
    looks = [event.actor_id for event in shown if event.action == STAFF_LOOKED]
    if actor.id not in {user.id, *looks}:
        record_regardless(STAFF_LOOKED, user.id)
