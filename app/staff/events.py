"""Read the security events of all users, with the addresses that staff may see."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.audit.models import SecurityEvent
from app.audit.trail import record_regardless
from app.clock import now
from app.staff.actions import STAFF_LOOKED
from app.users.models import User

Actor = aliased(User)
# The looks of a member of staff at a user within this time are recorded as one.
LOOK_PERIOD = timedelta(hours=1)


def events_with_users() -> Select[Any]:
    """Select each event with the address of its user and of the staff who acted, newest first."""
    events = select(SecurityEvent, User.email, Actor.email)
    named = events.outerjoin(User, User.id == SecurityEvent.user_id).outerjoin(
        Actor, Actor.id == SecurityEvent.actor_id
    )
    return named.order_by(SecurityEvent.id.desc())


def record_look(actor: User, user: User, shown: Iterable[SecurityEvent]) -> None:
    """Record that staff viewed an account, unless the events shown contain a recent look."""
    looks = [event for event in shown if event.action == STAFF_LOOKED]
    recent = {event.actor_id for event in looks if event.at > now() - LOOK_PERIOD}
    if actor.id not in {user.id, *recent}:
        record_regardless(STAFF_LOOKED, user.id)
