"""The unit of work: one transaction of a request, a command or a job, and how it ends."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from blinker import Namespace
from flask import current_app, request

from app.database import (
    CommitOutsideUnit,
    ReadOnlyRequest,
    current_session,
    existing_session,
)
from app.request_globals import g

# Sent after a request was rolled back. A part that keeps values for the response (a cookie, the
# user) resets them to what the browser sent.
rolled_back = Namespace().signal("rolled-back")


class UncommittedChanges(RuntimeError):
    """The request, command or job ended with changes that no one committed."""


@dataclass
class DeferredCall:
    """A function that runs after the unit of work has ended."""

    function: Callable[..., object]
    args: tuple[Any, ...]

    def run(self, within: AbstractContextManager[None] | None = None) -> None:
        """Run it. An exception is logged and not raised, because the unit has ended."""
        try:
            with within or nullcontext():
                self.function(*self.args)
            require_no_changes()
        except Exception:
            current_app.logger.exception("%r failed after its unit had ended", self.function)
            if session := existing_session():
                session.roll_back_and_release()


@dataclass
class Unit:
    """The state of a unit of work, kept on `g`."""

    writes: bool
    ended: bool = False
    # An exception left the view, so this unit must not commit.
    failed: bool = False
    regardless_calls: list[DeferredCall] = field(default_factory=list)

    def commit(self) -> None:
        """Commit, then run the after_commit() calls. Raises what the database raises."""
        session = current_session()
        session.commit_and_release()
        session.writing = False
        calls, session.after_commit_calls = session.after_commit_calls, []
        self.close()
        for call in calls:
            call.run()

    def roll_back(self) -> None:
        if session := existing_session():
            session.roll_back_and_release()
            session.writing = False

    def close(self) -> None:
        """Roll back what is not committed, and allow only reads from here on.

        The connection returns to the pool.
        """
        self.ended = True
        session = existing_session()
        if session is None:
            return
        if session.writing:
            # Includes a SELECT whose function wrote: without commit_later() it is not committed.
            self.roll_back()
        else:
            session.commit_and_release()

    def close_and_run_regardless_calls(self) -> None:
        """Close the unit, and run the regardless() calls, each in a unit of its own."""
        self.close()
        if self.regardless_calls:
            while self.regardless_calls:
                self.regardless_calls.pop(0).run(within=unit_of_work())
            self.close()


def start_unit(*, writes: bool) -> Unit:
    """Start the unit of work of this context."""
    unit = g.unit = Unit(writes)
    if writes:
        current_session().writing = True
    return unit


def open_unit() -> Unit | None:
    """Return the open unit of this context, or None before the first one and after it ended."""
    unit: Unit | None = g.unit
    return None if unit is None or unit.ended else unit


def commit_later() -> None:
    """Commit after the view has returned.

    Raises ReadOnlyRequest in a request that reads, and CommitOutsideUnit if no unit is open or it
    has ended (in the body of a streamed response).
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

    Calls run in order. If one fails, the failure is logged and the others still run. Outside a
    unit that writes, the function runs at once.
    """
    unit = open_unit()
    if unit is not None and unit.writes:
        current_session().after_commit_calls.append(DeferredCall(function, args))
    else:
        function(*args)


def regardless(function: Callable[..., object], *args: Any) -> None:
    """Call `function` in a unit of its own once this one has ended, committed or not.

    For changes that must survive a rollback: a failed sign-in, a reused token. Outside a unit, it
    runs at once.
    """
    unit = open_unit()
    if unit is not None:
        unit.regardless_calls.append(DeferredCall(function, args))
    else:
        with unit_of_work():
            function(*args)


@contextmanager
def reading() -> Iterator[None]:
    """Read as a GET request does, inside a unit that writes, and hold no lock and no connection.

    For slow work before the first change. Loaded objects stay readable, and others may change the
    rows meanwhile: lock and re-read a row before changing it. Raises CommitOutsideUnit after the
    first change, which would otherwise be separated from the rest of its unit.
    """
    session = current_session()
    if session.has_changes():
        raise CommitOutsideUnit(
            "reading() came after a change that is not committed yet. Read before you change."
        )
    session.commit_and_release()
    wrote, session.writing = session.writing, False
    try:
        yield
        session.commit_and_release()
    finally:
        session.writing = wrote


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run one transaction: commit when the block ends, roll back when it raises.

    It has an application context and a database session of its own, and the names on `g` that are
    `INHERITED`: `current_user` is the user of the same request. Raises CommitOutsideUnit inside a
    unit whose transaction has begun: the two could wait for each other forever.
    """
    require_no_open_transaction()
    inherited = g.inherited()
    with current_app.app_context():
        for name, value in inherited.items():
            setattr(g, name, value)
        unit = start_unit(writes=True)
        try:
            yield
            unit.commit()
        finally:
            unit.close_and_run_regardless_calls()


def require_no_open_transaction() -> None:
    session = existing_session()
    if session and session.writing and (session.in_transaction() or session.has_changes()):
        raise CommitOutsideUnit(
            "unit_of_work() was opened inside a unit whose transaction has begun. Write in that "
            "one, or pass the work to after_commit() or regardless()."
        )


def has_changes() -> bool:
    """Return whether changes would be lost if this context ended now."""
    session = existing_session()
    return session is not None and session.has_changes()


def require_no_changes() -> None:
    """Raise UncommittedChanges for changes that were made where no unit will commit them."""
    if has_changes():
        current_session().roll_back_and_release()
        raise UncommittedChanges(
            "A row was changed where no unit of work is open (in a shell, a streamed body or an "
            "after_commit() call), and was not saved. Change it in the view, or inside "
            "`with unit_of_work():`."
        )
