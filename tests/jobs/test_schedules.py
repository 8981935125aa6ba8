"""`@scheduled` runs a job once at each due time, in whichever process sweeps first."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.application import Application
from app.clock import now
from app.database import db
from app.jobs import scheduled
from app.jobs.later import QUEUE
from app.jobs.models import Job, ScheduledRun
from app.jobs.schedules import Schedule, prune_runs, queue_due_jobs, queue_now, schedules
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import Clock
from tests.jobs.sample_jobs import rename
from tests.jobs.sample_schedules import count_up
from tests.processes import ROOT, environment
from tests.sql_trace import SqlTrace

pytestmark = pytest.mark.usefixtures("sample_schedules")

NameOf = Callable[[User], str]
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def sweep(app: Application) -> Callable[[], None]:
    """Return a function that does what every process does once a minute."""

    def run() -> None:
        with app.app_context():
            queue_due_jobs()

    return run


@pytest.fixture
def queued(clean_database: str, jobs: Callable[[], list[Job]]) -> Callable[[], Counter[str]]:
    """Return a function that counts the jobs by name."""
    return lambda: Counter(job.name for job in jobs())


Sweep = Callable[[], None]
Queued = Callable[[], Counter[str]]


def set_clock(clock: Clock, at: str) -> None:
    """Set the clock to a time in UTC, forward or back."""
    clock.forward(seconds=(datetime.fromisoformat(at).replace(tzinfo=UTC) - now()).total_seconds())


def sweep_from(clock: Clock, start: str, end: str, sweep: Sweep) -> None:
    """Sweep every ten minutes from one time to another."""
    set_clock(clock, start)
    while now() < datetime.fromisoformat(end).replace(tzinfo=UTC):
        sweep()
        clock.forward(minutes=10)


def sweep_in_processes(database_url: str, count: int, *killed_at: str) -> int:
    """Sweep in other processes, half an hour from now; return the exit code."""
    words = [str(count), str(HALF_HOUR.total_seconds()), *killed_at]
    command = [sys.executable, "-m", "tests.jobs.sweep_at_once", *words]
    given = environment(database_url, {})
    return subprocess.run(command, cwd=ROOT, env=given, timeout=120).returncode


# --- When a schedule runs -----------------------------------------------------------------------


def test_a_schedule_runs_its_job(
    app: Application, alice: User, name_of: NameOf, sweep: Sweep, clock: Clock
) -> None:
    sweep()
    clock.forward(minutes=30)
    app.test_cli_runner().invoke(args=["jobs", "run"])
    assert name_of(alice) == "x"


def test_a_new_schedule_does_not_run_for_times_before_it(
    sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    sweep()
    sweep()
    assert queued() == {}
    clock.forward(minutes=30)
    sweep()
    assert queued()["count_up"] == 1


def test_each_due_time_is_one_run(sweep: Sweep, queued: Queued, clock: Clock) -> None:
    sweep_from(clock, "2027-01-01 00:00", "2027-01-01 03:00", sweep)
    assert queued()["count_up"] == 5


def test_missed_times_are_one_run(sweep: Sweep, queued: Queued, clock: Clock) -> None:
    sweep()
    clock.forward(days=3)
    sweep()
    sweep()
    assert queued()["count_up"] == 1


def test_a_local_time_that_is_skipped_in_spring_is_one_run(
    sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    """In Berlin, 2:30 does not exist on 28 March 2027; the job runs at 3:00."""
    sweep_from(clock, "2027-03-27 23:00", "2027-03-28 01:00", sweep)
    assert queued()["run_at_night"] == 0
    sweep_from(clock, "2027-03-28 01:00", "2027-03-28 04:00", sweep)
    assert queued()["run_at_night"] == 1


def test_a_local_time_that_occurs_twice_in_autumn_is_one_run(
    sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    """In Berlin, it is 2:30 at 0:30 and at 1:30 UTC on 31 October 2027."""
    sweep_from(clock, "2027-10-30 23:00", "2027-10-31 00:30", sweep)
    assert queued()["run_at_night"] == 0
    sweep_from(clock, "2027-10-31 00:30", "2027-10-31 01:00", sweep)
    assert queued()["run_at_night"] == 1
    sweep_from(clock, "2027-10-31 01:00", "2027-10-31 04:00", sweep)
    assert queued()["run_at_night"] == 1


def test_a_schedule_that_is_new_in_the_repeated_hour_does_not_run_for_the_first(
    sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    sweep_from(clock, "2027-10-31 01:10", "2027-10-31 04:00", sweep)
    assert queued()["run_at_night"] == 0


def test_an_hourly_schedule_runs_in_both_repeated_hours() -> None:
    """Its times are 30 minutes apart everywhere else too."""
    hourly = Schedule("hourly", "30 * * * *", "Europe/Berlin")
    before = datetime(2027, 10, 31, 0, 0, tzinfo=UTC)
    first = hourly.following(before)
    second = hourly.following(first)
    assert (first, second) == (before + HALF_HOUR, before + 3 * HALF_HOUR)
    assert (hourly.latest(second), hourly.latest(second - HALF_HOUR)) == (second, first)


@pytest.mark.parametrize("hours", [-2, 2, -7, 4])
def test_a_clock_that_is_wrong_for_a_while_repeats_no_run(
    sweep: Sweep, queued: Queued, clock: Clock, hours: int
) -> None:
    sweep_from(clock, "2027-01-01 00:00", "2027-01-01 05:00", sweep)
    clock.forward(hours=hours)
    sweep()
    clock.forward(hours=-hours)
    sweep_from(clock, "2027-01-01 05:00", "2027-01-01 11:00", sweep)
    assert queued()["count_up"] == 2 * 11 - 1


def test_a_clock_that_was_a_year_ahead_does_not_stop_a_schedule(
    app: Application, sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    sweep_from(clock, "2027-01-01 00:00", "2027-01-01 03:00", sweep)
    clock.forward(days=365)
    sweep()
    with app.app_context():
        prune_runs()
    clock.forward(days=-365)
    before = queued()["count_up"]
    sweep_from(clock, "2027-01-01 03:10", "2027-01-01 06:00", sweep)
    assert queued()["count_up"] == before + 5


def test_a_schedule_that_is_changed_does_not_run_for_times_before_its_last_run(
    sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    hourly = Schedule("changed", "0 * * * *", job=count_up)
    schedules.append(hourly)
    try:
        sweep_from(clock, "2027-01-01 00:10", "2027-01-01 03:10", sweep)
        before = queued()["count_up"]
        schedules[-1] = replace(hourly, expression="30 1 * * *")
        sweep()
        assert queued()["count_up"] == before
    finally:
        schedules.pop()


def test_a_schedule_that_is_started_at_once_runs_again_at_its_next_time(
    app: Application, sweep: Sweep, queued: Queued, clock: Clock
) -> None:
    [schedule] = [it for it in schedules if it.name == "count_up"]
    sweep_from(clock, "2027-01-01 00:10", "2027-01-01 00:20", sweep)
    with app.app_context(), unit_of_work():
        assert queue_now(schedule)
        assert not queue_now(schedule), "its job waits"
    sweep()
    assert queued()["count_up"] == 1
    set_clock(clock, "2027-01-01 00:30")
    sweep()
    assert queued()["count_up"] == 2


# --- Many processes, and crashes ----------------------------------------------------------------


def test_twenty_processes_run_a_schedule_once(
    clean_database: str, sweep: Sweep, queued: Queued
) -> None:
    sweep()
    assert sweep_in_processes(clean_database, 20) == 0
    assert queued()["count_up"] == 1


@pytest.mark.parametrize("statement", ["INSERT INTO jobs", "COMMIT"])
def test_a_crash_neither_loses_nor_repeats_a_run(
    clean_database: str, sweep: Sweep, queued: Queued, clock: Clock, statement: str
) -> None:
    """The process is killed after it has written the run, or both the run and the job."""
    sweep()
    assert sweep_in_processes(clean_database, 1, statement) != 0
    assert queued() == {}
    assert sweep_in_processes(clean_database, 1) == 0
    assert queued()["count_up"] == 1


# --- What it costs ------------------------------------------------------------------------------


def test_a_sweep_without_due_times_costs_one_query(
    app: Application, sweep: Sweep, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    sweep()
    trace = trace_sql(app)
    sweep()
    assert trace.keywords == ["SELECT"]


def test_old_runs_are_deleted_except_the_last_of_each_schedule(
    app: Application, sweep: Sweep, clock: Clock
) -> None:
    sweep_from(clock, "2027-01-01 00:00", "2027-01-01 03:00", sweep)
    clock.forward(days=31)
    with app.app_context():
        assert prune_runs() > 0
        kept = db.session.scalars(select(ScheduledRun.name)).all()
    assert sorted(kept) == sorted({"(sweep)"} | {schedule.name for schedule in schedules})


# --- What is scheduled --------------------------------------------------------------------------


def test_pruning_is_a_schedule(
    app: Application, sweep: Sweep, queued: Queued, clock: Clock, alice: User
) -> None:
    sweep_from(clock, "2027-01-01 00:00", "2027-01-01 03:15", sweep)
    with app.app_context():
        QUEUE.put(Job(name="rename", arguments=[alice.id, "Al"]))
    app.test_cli_runner().invoke(args=["jobs", "run"])
    clock.forward(days=31)
    output = app.test_cli_runner().invoke(args=["jobs", "run"]).output
    assert "postponed" not in output
    assert queued()["prune"] == 1
    assert "rename" not in queued()


def test_one_kind_that_cannot_be_pruned_does_not_keep_the_others(
    make_app: Callable[..., Application], clock: Clock, jobs: Callable[[], list[Job]]
) -> None:
    called: list[str] = []
    site = make_app()
    with site.app_context():
        site.extensions["pruning"] = [
            ("first", lambda: called[99]),
            ("second", lambda: called.append("second") or 0),
        ]
        set_clock(clock, "2027-01-01 03:00")
        queue_due_jobs()
        clock.forward(minutes=20)
        queue_due_jobs()
    site.test_cli_runner().invoke(args=["jobs", "run"])
    assert called == ["second"]
    [pruning] = [job for job in jobs() if job.name == "prune"]
    assert (pruning.state, "were not deleted" in pruning.last_error) == ("waiting", True)


def test_schedules_are_listed_with_their_last_and_next_run(
    app: Application, sweep: Sweep, clock: Clock
) -> None:
    sweep_from(clock, "2027-01-01 03:00", "2027-01-01 03:15", sweep)
    set_clock(clock, "2027-01-01 03:20")
    sweep()
    listed = app.test_cli_runner().invoke(args=["jobs", "schedules"]).output.splitlines()
    assert {
        "count_up  */30 * * * *  UTC  last never  next 2027-01-01 03:30",
        "prune  17 3 * * *  UTC  last 2027-01-01 03:20  next 2027-01-02 03:17",
        "run_at_night  30 2 * * *  Europe/Berlin  last never  next 2027-01-02 01:30",
    } <= set(listed)


def test_only_a_job_without_arguments_can_be_scheduled() -> None:
    with pytest.raises(TypeError, match="Mark it with @job"):
        scheduled("* * * * *")(lambda: None)
    with pytest.raises(TypeError, match="missing a required argument"):
        scheduled("* * * * *")(rename)
