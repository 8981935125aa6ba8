"""The audit trail: security events with their origin, which are never changed (A12)."""

from app.application import Application
from app.audit.actions import KINDS, action_kinds
from app.audit.pruning import prune_events
from app.audit.trail import record
from app.unit_of_work.batches import pruning

__all__ = ["record"]


def init_app(app: Application) -> None:
    action_kinds.add(app, *KINDS)
    pruning.add(app, ("security events", prune_events))
