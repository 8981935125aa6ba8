"""Write down what happened. Where it came from is read here, so that no caller can forget it."""

from blinker import Namespace
from flask import g, has_request_context, request

from app.audit.actions import Action
from app.audit.models import LONGEST_ADDRESS, LONGEST_USER_AGENT, SecurityEvent
from app.clock import now
from app.database import db
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
    if has_request_context():
        event.address = (request.remote_addr or "")[:LONGEST_ADDRESS]
        event.user_agent = request.user_agent.string[:LONGEST_USER_AGENT]
        event.request_id = g.request_id
    return event
