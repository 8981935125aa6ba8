"""What stands between the right password and the door: nothing, or the steps that parts add.

Signing in and proving it again (S5) both come here, so that no second factor has to be asked for
in two places, and none is forgotten in one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from flask.typing import ResponseReturnValue

from app.application import Application
from app.auth.asking import go_on
from app.auth.doorway import enter
from app.clock import now
from app.sessions.current import current_login, lock_current_login, renew_token
from app.unit_of_work import commit_later
from app.users.models import User

STEPS = "steps_after_password"


@dataclass(frozen=True)
class Arrival:
    """Somebody whose password was right, and what for."""

    user: User
    # Where they go on to: a local path.
    wanted: str
    # A form that was interrupted, as app.sessions.interrupted keeps it.
    interrupted: str | None = None
    remembered: bool = False
    # Whether they are signed in already and prove it again.
    is_proof: bool = False


@dataclass(frozen=True)
class Step:
    # Whether the password alone does not prove that this is the person.
    is_asked_of: Callable[[User], bool]
    # Ask for the rest; None where nothing more is needed, as on a device that is trusted.
    ask: Callable[[Arrival], ResponseReturnValue | None]


def add_step(app: Application, step: Step) -> None:
    app.extensions.setdefault(STEPS, []).append(step)


def go_through(arrival: Arrival) -> ResponseReturnValue:
    """Answer a right password: ask for what is still missing, or let them in."""
    commit_later()
    for step in _steps():
        answer = step.ask(arrival)
        if answer is not None:
            return answer
    return let_in(arrival)


def let_in(arrival: Arrival) -> ResponseReturnValue:
    """Do what somebody came for who has proved everything: the one door for all ways to it."""
    commit_later()
    if arrival.is_proof:
        note_proof()
    else:
        enter(arrival.user, remembered=arrival.remembered)
    return go_on(arrival.wanted, arrival.interrupted)


def note_proof() -> None:
    """Note on the login of this device that its person was there just now, under a new token.

    Raises LoginEnded for a login that ended while the proof waited.
    """
    lock_current_login()
    login = current_login()
    if login is not None:
        login.proved_at = now()
        renew_token()


def is_more_than_password_asked_of(user: User) -> bool:
    return any(step.is_asked_of(user) for step in _steps())


def _steps() -> list[Step]:
    steps: list[Step] = current_app.extensions.get(STEPS, [])
    return steps
