"""The audit trail: security events with their origin, which are never changed (A12)."""

from app.application import Application
from app.audit.actions import KINDS, action_kinds
from app.audit.pruning import prune_events
from app.audit.trail import record
from app.unit_of_work.batches import pruning

__all__ = ["record"]


def init_app(app: Application) -> None:
    for kind in KINDS:
        action_kinds.add(app, kind)
    pruning.add(app, ("security events", prune_events))
