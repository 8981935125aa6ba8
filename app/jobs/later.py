"""Do something after the commit, outside the request: `run_later(make_export, user.id)`.

The call is a row, written in the unit that asks for it: a rollback undoes it, a crash keeps it.
The row is marked as done in the unit of the job itself. So what a job does to the database
happens once; what it does elsewhere may, after a crash, happen twice.
"""

import inspect
import math
from collections.abc import Callable
from typing import TypeVar

from flask_babel import force_locale

from app.jobs.models import LONGEST_JOB_NAME, Job
from app.jobs.queue import Queue
from app.unit_of_work import unit_of_work

Function = TypeVar("Function", bound=Callable[..., None])

_jobs: dict[str, Callable[..., None]] = {}


class ArgumentRefused(TypeError):
    """A job was given something that JSON cannot carry as it is."""


class JobUnknown(LookupError):
    """No function of this name is marked with @job; a newer process may know it."""


def job(function: Function) -> Function:
    """Let a function be run later. Its name is kept in the database: rename it with care."""
    name = function.__name__
    if name in _jobs or len(name) > LONGEST_JOB_NAME:
        raise ValueError(
            f"A job must have a short name of its own; {name!r} is taken or too long."
        )
    _jobs[name] = function
    return function


def run_later(function: Callable[..., None], *arguments: object) -> None:
    """Run a job once what is written now is committed, and never if it is rolled back.

    Outside a unit it is written in one of its own. Raises ArgumentRefused for anything but plain
    JSON values, TypeError for a function that is no job or cannot be called with them, and
    ReadOnlyRequest in a request that only reads.
    """
    if _jobs.get(function.__name__) is not function:
        raise TypeError(f"{function.__qualname__} cannot be run later: mark it with @job.")
    inspect.signature(function).bind(*arguments)
    require_plain(arguments)
    QUEUE.put(Job(name=function.__name__, arguments=list(arguments)))


def run(row: Job) -> None:
    """Run one claimed job in a unit of its own, with the request id and language of its cause."""
    function = _jobs.get(row.name)
    if function is None:
        raise JobUnknown(f"No job is called {row.name}.")
    with unit_of_work():
        with force_locale(row.locale):
            function(*row.arguments)
        QUEUE.mark_done(row)


def require_plain(value: object) -> None:
    """Raise ArgumentRefused unless JSON gives the value back as it was given."""
    if isinstance(value, dict):
        require_plain([*value, *value.values()])
        plain = all(type(name) is str for name in value)
    elif isinstance(value, list | tuple):
        for inner in value:
            require_plain(inner)
        plain = True
    else:
        plain = value is None or type(value) in {str, int, bool} or is_finite(value)
    if not plain:
        raise ArgumentRefused(
            f"{value!r} is no plain value. Give a job ids, numbers, text, or lists and dicts of "
            "those, and let it read the rest itself."
        )


def is_finite(value: object) -> bool:
    return type(value) is float and math.isfinite(value)


QUEUE = Queue("jobs", Job, run, "JOB_ATTEMPT_LIMIT", "JOB_CLAIM_LIFETIME")
