"""One request, one transaction: a failed request leaves nothing behind.

GET requests read. Every other method runs in one transaction. The view requests the commit by
calling `commit_later()`. It happens once, after the view has returned and after every other
`after_request` function, before the session cookie is written and before the first byte is sent.
Returning commits, raising rolls back, no matter which handler responds.

Flask-SQLAlchemy once committed on teardown and removed that (its issues 216 and 1271): the commit
was implicit, and it ran after the response was decided. This one is explicit, and while it can
fail, the response can still change.
"""

from app.database import CommitOutsideUnit, ReadOnlyRequest
from app.unit_of_work.request import init_app, make_read_only
from app.unit_of_work.unit import (
    UncommittedChanges,
    after_commit,
    commit_later,
    open_unit,
    reading,
    regardless,
    rolled_back,
    unit_of_work,
)

__all__ = [
    "CommitOutsideUnit",
    "ReadOnlyRequest",
    "UncommittedChanges",
    "after_commit",
    "commit_later",
    "init_app",
    "make_read_only",
    "open_unit",
    "reading",
    "regardless",
    "rolled_back",
    "unit_of_work",
]
