"""Run a function after the commit, outside the request: `run_later(make_report, user.id)`.

The call is stored as a row in the current unit of work: a rollback removes it, a crash does not.
The row is marked as done in the job's own unit of work. So changes to the database are made
exactly once; effects elsewhere may, after a crash, happen twice.
"""

import inspect
import math
from collections.abc import Callable
from typing import TypeVar

from flask_babel import force_locale

from app.jobs.models import MAX_JOB_NAME_LENGTH, Job
from app.jobs.queue import Queue
from app.unit_of_work import unit_of_work

Function = TypeVar("Function", bound=Callable[..., None])

_jobs: dict[str, Callable[..., None]] = {}


class ArgumentRefused(TypeError):
    """An argument of a job is not a plain JSON value."""


class JobUnknown(LookupError):
    """No function of this name is marked with @job here; a newer release may have it."""


def job(function: Function) -> Function:
    """Mark a function as one that `run_later()` accepts.

    The function's name is stored in the database: rename it only while no row waits for it.
    Raises ValueError if the name is taken or longer than MAX_JOB_NAME_LENGTH.
    """
    name = function.__name__
    if name in _jobs or len(name) > MAX_JOB_NAME_LENGTH:
        raise ValueError(f"{name!r} is already the name of a job, or too long. Choose another.")
    _jobs[name] = function
    return function


def run_later(function: Callable[..., None], *arguments: object) -> None:
    """Run a job after the current unit of work is committed, or never if it is rolled back.

    Outside a unit of work, the row is written in one of its own. Raises ArgumentRefused for an
    argument that is not a plain JSON value, TypeError for a function that is not marked with @job
    or does not accept the arguments, and ReadOnlyRequest in a request that only reads.
    """
    require_job(function, *arguments)
    require_plain(arguments)
    QUEUE.put(Job(name=function.__name__, arguments=list(arguments)))


def require_job(function: Callable[..., None], *arguments: object) -> None:
    """Raise TypeError unless the function is a job that accepts these arguments."""
    if _jobs.get(function.__name__) is not function:
        raise TypeError(f"{function.__qualname__} is not a job. Mark it with @job.")
    inspect.signature(function).bind(*arguments)


def run(row: Job) -> None:
    """Run a claimed job in its own unit of work, in the language of the request that queued it."""
    function = _jobs.get(row.name)
    if function is None:
        raise JobUnknown(f"There is no job named {row.name}.")
    with unit_of_work():
        with force_locale(row.locale):
            function(*row.arguments)
        QUEUE.mark_done(row)


def require_plain(value: object) -> None:
    """Raise ArgumentRefused unless JSON can store the value and return it unchanged."""
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
            f"{value!r} is not a plain JSON value. Pass ids, numbers, text, or lists and dicts of "
            "them, and load everything else in the job."
        )


def is_finite(value: object) -> bool:
    return type(value) is float and math.isfinite(value)


QUEUE = Queue("jobs", Job, run, "JOB_ATTEMPT_LIMIT", "JOB_CLAIM_LIFETIME")
