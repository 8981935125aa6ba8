"""Write down what happened. Where it came from is read here, so that no caller can forget it.

Who did it is read here as well: `g.actor_id` is the user in whose name a page acts, set where the
page requires a sign-in. What anyone but the owner did to an account was done "by staff" (A12).
"""

from blinker import Namespace
from flask import has_request_context, request

from app.audit.actions import ATTEMPTS, Action
from app.audit.models import MAX_IP_ADDRESS_LENGTH, MAX_USER_AGENT_LENGTH, SecurityEvent
from app.clock import now
from app.database import db
from app.request_globals import g
from app.unit_of_work import regardless

Detail = str | int | bool

# Sent in the unit that records, so that whoever mails about it is saved, or not, together with it.
recorded = Namespace().signal("recorded")


def record(action: Action, user_id: int | None, **details: Detail) -> None:
    """Record what succeeded, in the unit in which it happened: both are saved, or neither."""
    _write(_describe(action, user_id, details))


def record_regardless(action: Action, user_id: int | None, **details: Detail) -> None:
    """Record what failed or was refused, whether or not the unit it happened in is saved."""
    regardless(_write, _describe(action, user_id, details))


def _write(event: SecurityEvent) -> None:
    db.session.add(event)
    recorded.send(event)


def _describe(action: Action, user_id: int | None, details: dict[str, Detail]) -> SecurityEvent:
    event = SecurityEvent(action=action, user_id=user_id, details=details, at=now())
    event.request_id = g.request_id
    event.actor_id = None if action in ATTEMPTS else _other_than(user_id)
    event.by_staff = event.actor_id is not None or _is_command()
    if has_request_context() and not event.by_staff:
        event.address = (request.remote_addr or "")[:MAX_IP_ADDRESS_LENGTH]
        event.user_agent = request.user_agent.string[:MAX_USER_AGENT_LENGTH]
    return event


def _other_than(user_id: int | None) -> int | None:
    """Return the user that this request acts for, if that is not the owner of the account."""
    actor_id: int | None = g.actor_id
    return actor_id if actor_id != user_id else None


def _is_command() -> bool:
    """Return whether no request was the cause; a job has the request id of its cause."""
    return not has_request_context() and g.request_id is None
