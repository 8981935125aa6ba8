"""What one request, command or job has asked for, and how it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g

from app.database import begun_session, current_session


class UncommittedChanges(RuntimeError):
    """Changes were left at the end of something that never asked for the commit."""


@dataclass
class Call:
    """Something to be done once the unit has ended."""

    function: Callable[..., object]
    args: tuple[Any, ...]

    def run(self, within: AbstractContextManager[None] | None = None) -> None:
        """Do it. A failure is logged and goes no further: the unit before it has happened."""
        try:
            with within or nullcontext():
                self.function(*self.args)
            refuse_changes_outside()
        except Exception:
            current_app.logger.exception("%r failed after its unit had ended", self.function)
            if session := begun_session():
                session.undo()


@dataclass
class Unit:
    """Kept on `g`, and gone with it."""

    writes: bool
    ended: bool = False
    # An exception left the view, so that nothing of this unit may be committed any more.
    refused: bool = False
    regardless: list[Call] = field(default_factory=list)

    def commit(self) -> None:
        """Commit, then do what was to follow. Raises whatever the database refuses with."""
        session = current_session()
        session.end()
        session.writing = False
        calls, session.after = session.after, []
        self.end()
        for call in calls:
            call.run()

    def roll_back(self) -> None:
        if session := begun_session():
            session.undo()
            session.writing = False

    def end(self) -> None:
        """Only read from here on, with the connection back in its pool."""
        self.ended = True
        session = begun_session()
        if session is None:
            return
        if session.writing or session.has_changes():
            # What nobody asked for is not committed, be it a SELECT whose function wrote.
            self.roll_back()
        else:
            session.end()


def open_unit() -> Unit | None:
    """Return the unit that is open in this app context, or None before the first and after it."""
    unit: Unit | None = g.get("unit")
    return None if unit is None or unit.ended else unit


def is_anything_changed() -> bool:
    """Return whether something would be lost if this app context ended now."""
    session = begun_session()
    return session is not None and session.has_changes()


def refuse_changes_outside() -> None:
    """Raise UncommittedChanges for what was changed where nothing will be committed."""
    if is_anything_changed():
        current_session().undo()
        raise UncommittedChanges(
            "Something was changed where no unit of work was open (in a shell, a streamed body or "
            "an after_commit() call), and was not saved. Change it in the view, or inside "
            "`with unit_of_work():`."
        )
