"""Record security events. Their origin is read here, so that no caller can forget it.

`g.actor_id` is the signed-in user of a page that requires a sign-in. If that is not the owner of
the account, the event is marked as "by staff" (A12).
"""

from blinker import Namespace
from flask import has_request_context, request

from app.audit.actions import get_action_kind
from app.audit.models import MAX_IP_ADDRESS_LENGTH, MAX_USER_AGENT_LENGTH, SecurityEvent
from app.clock import now
from app.database import db
from app.request_globals import g
from app.unit_of_work import regardless

Detail = str | int | bool

# Sent in the same unit of work, so that an email about the event is saved together with it.
recorded = Namespace().signal("recorded")


def record(action: str, user_id: int | None, **details: Detail) -> None:
    """Record an action in the current unit of work: both are saved, or neither."""
    _add(_make_event(action, user_id, details))


def record_regardless(action: str, user_id: int | None, **details: Detail) -> None:
    """Record a failed or rejected action in a unit of work of its own: it is always saved."""
    regardless(_add, _make_event(action, user_id, details))


def _add(event: SecurityEvent) -> None:
    db.session.add(event)
    recorded.send(event)


def _make_event(action: str, user_id: int | None, details: dict[str, Detail]) -> SecurityEvent:
    event = SecurityEvent(action=action, user_id=user_id, details=details, at=now())
    event.request_id = g.request_id
    is_attempt = get_action_kind(action).is_attempt
    event.actor_id = None if is_attempt else _actor_unless(user_id)
    event.by_staff = event.actor_id is not None or _is_command()
    if has_request_context() and not event.by_staff:
        event.address = (request.remote_addr or "")[:MAX_IP_ADDRESS_LENGTH]
        event.user_agent = request.user_agent.string[:MAX_USER_AGENT_LENGTH]
    return event


def _actor_unless(user_id: int | None) -> int | None:
    """Return the user that this request acts for, if that is not the owner of the account."""
    actor_id: int | None = g.actor_id
    return actor_id if actor_id != user_id else None


def _is_command() -> bool:
    """Return whether this is a command. A job has the id of the request that queued it."""
    return not has_request_context() and g.request_id is None
