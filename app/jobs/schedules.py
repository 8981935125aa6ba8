"""Run a job at the times of a cron expression: `@scheduled("17 3 * * *", time_zone="UTC")`.

A schedule has no clock of its own. Each sweep of each process looks for the last due time of every
schedule in the table `scheduled_runs`. If it is missing, its row and the job are written in one
unit of work, so that the first process queues the job and the others find the row. Times that
passed while no process ran result in one run.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from flask import current_app
from sqlalchemy import exists, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.clock import now
from app.database import db
from app.jobs.later import require_job, run_later
from app.jobs.models import Job, ScheduledRun
from app.jobs.queued import WAITING
from app.unit_of_work import reading, unit_of_work
from app.unit_of_work.batches import delete_in_batches

Function = TypeVar("Function", bound=Callable[[], None])

# At least as long as any daylight saving change, as in Debian's cron.
CLOCK_CHANGE = timedelta(hours=3)

logger = logging.getLogger("app.jobs")


class ScheduleRefused(ValueError):
    """The expression or the time zone of a schedule is invalid; the message says why."""


@dataclass(frozen=True)
class Schedule:
    name: str
    expression: str
    time_zone: str = "UTC"
    # None only for SWEEP.
    job: Callable[[], None] | None = None

    def latest(self, at: datetime) -> datetime:
        """Return the last due time until `at`. Raises ScheduleRefused.

        The search begins later, because a local time occurs twice when clocks are set back, and
        CronSim knows only the first of the two.
        """
        return next(due for due in self._times(at + CLOCK_CHANGE, reverse=True) if due <= at)

    def following(self, at: datetime) -> datetime:
        """Return the first due time after `at`. Raises ScheduleRefused."""
        return next(due for due in self._times(at - CLOCK_CHANGE) if due > at)

    def refusal(self) -> str:
        """Return why the schedule is invalid, or an empty string."""
        try:
            self.latest(now())
        except ScheduleRefused as refused:
            return str(refused)
        return ""

    def _times(self, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
        try:
            if len(self.expression.split()) != 5:
                raise CronSimError("It does not have five fields")
            zone = ZoneInfo(self.time_zone)
            for due in CronSim(self.expression, start.astimezone(zone), reverse):
                yield due.astimezone(start.tzinfo)
        except (CronSimError, LookupError, ValueError, OSError) as error:
            raise ScheduleRefused(
                f"The schedule of {self.name} is {self.expression!r} in the time zone "
                f"{self.time_zone!r}, which is invalid: {error}. Write five fields, such as "
                '@scheduled("17 3 * * *", time_zone="Europe/Berlin").'
            ) from error
        raise ScheduleRefused(
            f"The schedule of {self.name} is {self.expression!r}, which is never due."
        )


schedules: list[Schedule] = []
# Has no job: its rows tell `flask doctor` when the last sweep ran, without a write in each sweep.
SWEEP = Schedule("(sweep)", "*/10 * * * *")


def scheduled(expression: str, *, time_zone: str = "UTC") -> Callable[[Function], Function]:
    """Run a job at the times of a cron expression: write it above @job.

    The job takes no arguments, and its name identifies the schedule in the database. An invalid
    expression, and a second schedule of the same name, stop the start of the site. Raises
    TypeError for a function that is not a job or needs arguments.
    """

    def register(function: Function) -> Function:
        require_job(function)
        schedules.append(Schedule(function.__name__, expression, time_zone, function))
        return function

    return register


def queue_due_jobs() -> None:
    """Queue the job of each schedule that has become due. Costs one query if none has."""
    at = now()
    last = last_due_times(at)
    for schedule in (SWEEP, *schedules):
        try:
            due = schedule.latest(at)
        except ScheduleRefused as refused:
            logger.error("%s", refused)
            continue
        previous = last.get(schedule.name)
        if previous is None or previous < due:
            queue_once(schedule, due, is_new=previous is None)


def queue_once(schedule: Schedule, due: datetime, *, is_new: bool) -> None:
    """Record a due time and queue the job, unless another process has done so.

    A schedule that is seen for the first time starts now: its last due time is only recorded.
    """
    queued_at = None if is_new else now()
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(ScheduledRun).on_conflict_do_nothing()
    row = insert.values(name=schedule.name, due_at=due, queued_at=queued_at)
    with unit_of_work():
        was_first = db.session.scalar(row.returning(ScheduledRun.name)) is not None
        if was_first and queued_at and schedule.job:
            run_later(schedule.job)


def queue_now(schedule: Schedule) -> bool:
    """Queue the job of a schedule at once; return False if it waits already.

    Recorded as a run that is due now: it is listed as the last one, and takes the place of a due
    time that no sweep has found yet. Of two units that call this at once, the second waits,
    because the oldest recorded run of the schedule is locked.
    """
    run = ScheduledRun
    oldest = select(run.due_at).where(run.name == schedule.name).order_by(run.due_at).limit(1)
    db.session.execute(oldest.with_for_update())
    if schedule.job is None or schedule.name in waiting_names():
        return False
    at = now()
    db.session.add(ScheduledRun(name=schedule.name, due_at=at, queued_at=at))
    run_later(schedule.job)
    return True


def waiting_names() -> set[str]:
    """Return the names of the jobs that wait, or run at the moment."""
    return set(db.session.scalars(select(Job.name).where(Job.state == WAITING).distinct()))


def last_due_times(at: datetime) -> dict[str, datetime | None]:
    """Return the last recorded due time of each schedule until `at`.

    Later ones are left out: they were recorded while a clock was wrong.
    """
    run = ScheduledRun
    queries = (
        select(
            literal(schedule.name),
            select(func.max(run.due_at))
            .where(run.name == schedule.name, run.due_at <= at)
            .scalar_subquery(),
        )
        for schedule in (SWEEP, *schedules)
    )
    with reading():
        return dict(db.session.execute(union_all(*queries)).tuples().all())


def last_queued() -> dict[str, datetime | None]:
    """Return when the job of each schedule was queued for the last time."""
    run = ScheduledRun
    rows = select(run.name, func.max(run.queued_at)).where(run.queued_at.is_not(None))
    return dict(db.session.execute(rows.group_by(run.name)).tuples().all())


def prune_runs() -> int:
    """Delete old due times, except the last one of each schedule; return how many."""
    at = now()
    later = aliased(ScheduledRun)
    is_followed = exists().where(
        later.name == ScheduledRun.name, later.due_at > ScheduledRun.due_at, later.due_at <= at
    )
    is_old = ScheduledRun.due_at < at - current_app.config["FINISHED_WORK_LIFETIME"]
    return delete_in_batches(ScheduledRun, is_old & is_followed)
