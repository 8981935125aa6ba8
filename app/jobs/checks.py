"""Check the schedules, and whether the site sweeps for due jobs."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.application import Application
from app.checks import Finding, error, note, ok, warning
from app.clock import now
from app.database import db
from app.jobs.queue import queues
from app.jobs.queued import WAITING
from app.jobs.schedules import SWEEP, last_due_times, schedules
from app.unit_of_work import reading

SWEEP_LIMIT = timedelta(hours=1)


def check_schedules(app: Application) -> Iterator[Finding]:
    refusals = [refusal for schedule in schedules if (refusal := schedule.refusal())]
    yield from map(error, refusals)
    names = Counter(schedule.name for schedule in schedules)
    for name, count in names.items():
        if count > 1:
            yield error(
                f"{count} schedules are named {name}, and each would count the runs of the other. "
                "Write @scheduled once above each job."
            )


def check_sweep(app: Application) -> Iterator[Finding]:
    """Report if no worker runs: then emails, jobs and schedules wait.

    Before the first start, no worker has run either, which is as it should be.
    """
    try:
        swept_at = last_due_times(now())[SWEEP.name]
        is_new = swept_at is None and not any_waits_since(now() - SWEEP_LIMIT)
    except SQLAlchemyError:
        return  # reported by check_database
    if swept_at is not None and swept_at >= now() - SWEEP_LIMIT:
        yield ok("A process looks for due jobs, emails and schedules.")
        return
    if is_new:
        yield note(
            "No process has looked for due jobs, emails and schedules yet. The site does once it "
            "serves requests; with JOB_THREADS=0, a worker does (docs/jobs.md)."
        )
        return
    since = f"since {swept_at:%Y-%m-%d %H:%M} UTC" if swept_at else "yet"
    yield warning(
        f"No process has looked for due jobs, emails and schedules {since}, so they wait. Start "
        "the site, or with JOB_THREADS=0 a worker (docs/jobs.md)."
    )


def any_waits_since(limit: datetime) -> bool:
    """Return whether a job or an email was queued before this time and has not been processed."""
    waiting = [
        select(model.id).where(model.state == WAITING, model.created_at < limit).limit(1)
        for model in (queue.model for queue in queues.items())
    ]
    with reading():
        return any(db.session.scalar(query) is not None for query in waiting)
