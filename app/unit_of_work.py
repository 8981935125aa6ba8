"""One request, one transaction: what a failed request did never happened.

GET reads. Any other method runs in one transaction. The view asks for the commit by calling
`commit_later()`, and it happens once, after the view has returned and after every other
`after_request` function, before the session cookie is written and before the first byte leaves.
Returning commits; raising rolls back, whoever answers the exception.

Flask-SQLAlchemy once committed on teardown and gave it up, with reason: nobody had asked for that
commit, and the answer was already decided when it failed. This one is asked for, and while it can
fail the answer can still change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from blinker import Namespace
from flask import current_app, g, request

from app.database import begun_session, current_session
from app.unit import Call, UncommittedChanges, Unit, open_unit
from app.unit_session import CommitOutsideUnit, ReadOnlyRequest

__all__ = [
    "CommitOutsideUnit",
    "ReadOnlyRequest",
    "UncommittedChanges",
    "after_commit",
    "commit_later",
    "open_unit",
    "reading",
    "regardless",
    "rolled_back",
    "unit_of_work",
]

# What a unit of its own takes over from the `g` of what opened it: the request that caused it, the
# user that this request acts for, and the identity that app.sessions found in its cookies.
INHERITED = ("request_id", "actor_id", "identity")

# Sent when a request was rolled back, so that whoever keeps something for it puts that back too.
rolled_back = Namespace().signal("rolled-back")


def commit_later() -> None:
    """Ask for the commit once the view has returned.

    Raises ReadOnlyRequest in a request that reads, and CommitOutsideUnit where there is no unit
    or it has ended (in the body of a streamed response).
    """
    unit = open_unit()
    if unit is None:
        raise CommitOutsideUnit(
            "commit_later() was called where no unit of work is open. Write in the view itself, "
            "or inside `with unit_of_work():`."
        )
    if not unit.writes:
        raise ReadOnlyRequest(
            f"commit_later() was called in a {request.method} request, which only reads. "
            "Let the page send a POST."
        )
    g.commit_later = True


def after_commit(function: Callable[..., object], *args: Any) -> None:
    """Call `function` once the unit has been committed, and never if it is rolled back.

    Calls run in order; one that fails is logged and the others still run. Outside a unit that
    writes it runs at once.
    """
    unit = open_unit()
    if unit is not None and unit.writes:
        current_session().after.append(Call(function, args))
    else:
        function(*args)


def regardless(function: Callable[..., object], *args: Any) -> None:
    """Call `function` in a unit of its own once this one has ended, committed or not.

    For what must survive a rollback: a failed sign-in, a stolen token. Outside a unit it runs at
    once.
    """
    unit = open_unit()
    if unit is not None:
        unit.regardless.append(Call(function, args))
    else:
        with unit_of_work():
            function(*args)


@contextmanager
def reading() -> Iterator[None]:
    """Read as a GET does, inside a unit that writes, and hold nothing while slow work follows.

    What was loaded stays readable, and others may change it meanwhile: `db.session.refresh()` what
    you are about to change. Raises CommitOutsideUnit after the first change, which would otherwise
    be cut off from the rest of its unit.
    """
    session = current_session()
    if session.has_changes():
        raise CommitOutsideUnit(
            "reading() came after a change that is not committed yet. Read before you change."
        )
    session.end()
    wrote, session.writing = session.writing, False
    try:
        yield
        session.end()
    finally:
        session.writing = wrote


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run one transaction: committed when the block ends, rolled back when it raises.

    It has an app context and a database session of its own, and what is INHERITED from its cause:
    `current_user` is the user of the same request, loaded anew in this database session. Raises
    CommitOutsideUnit inside a unit that has begun its transaction: the two could wait for each
    other for ever.
    """
    refuse_nesting()
    inherited = {name: g.get(name) for name in INHERITED}
    with current_app.app_context():
        for name, value in inherited.items():
            setattr(g, name, value)
        g.unit = unit = Unit(writes=True)
        current_session().writing = True
        try:
            yield
            unit.commit()
        finally:
            run_regardless(unit)


def run_regardless(unit: Unit) -> None:
    """End the unit, and do what has to be done even if it was rolled back."""
    unit.end()
    if unit.regardless:
        while unit.regardless:
            unit.regardless.pop(0).run(within=unit_of_work())
        unit.end()


def refuse_nesting() -> None:
    session = begun_session()
    if (
        session is not None
        and session.writing
        and (session.in_transaction() or session.has_changes())
    ):
        raise CommitOutsideUnit(
            "unit_of_work() was opened inside a unit that has begun. Write in that one, or hand "
            "the work to after_commit() or regardless()."
        )
