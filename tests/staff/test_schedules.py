"""Staff see when each schedule runs, and start one at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import select

from app.application import Application
from app.audit.models import SecurityEvent
from app.clock import now
from app.database import db
from app.jobs.models import Job
from app.jobs.schedules import queue_due_jobs, queue_now, schedules
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in
from tests.jobs.sample_schedules import schedule_sample_jobs
from tests.races import LOCK_WAIT
from tests.staff.buttons import press

PAGE = "/staff/schedules"
STARTED = "The job of the schedule will run in a moment."
WAITS = "Nothing was changed: the job of the schedule is waiting already."
Sweep = Callable[[], None]
Names = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def sample_schedules(clock: Clock) -> Iterator[None]:
    """Schedule the sample jobs, ten minutes after one of them was due."""
    at = now()
    clock.forward(minutes=70 - at.minute, seconds=-at.second)
    before = len(schedules)
    schedule_sample_jobs()
    yield
    del schedules[before:]


@pytest.fixture
def sweep(app: Application) -> Sweep:
    """Return a function that does what every process does once a minute."""

    def run() -> None:
        with app.app_context():
            queue_due_jobs()

    return run


@pytest.fixture
def queued(app: Application) -> Names:
    """Return a function that reads the names of all jobs."""

    def read() -> list[str]:
        with app.app_context():
            return list(db.session.scalars(select(Job.name)))

    return read


@pytest.fixture
def recorded(app: Application) -> Names:
    """Return a function that reads which schedules staff have started."""

    def read() -> list[str]:
        started = select(SecurityEvent).where(SecurityEvent.action == "schedule.started")
        with app.app_context():
            return [it.details["about"] for it in db.session.scalars(started) if it.actor_id]

    return read


def test_each_schedule_is_listed_with_its_times(as_admin: Client) -> None:
    text = as_admin.page(PAGE).text
    assert "count_up */30 * * * * UTC · has not run yet · next run" in text
    assert "run_at_night 30 2 * * * Europe/Berlin" in text


def test_the_last_run_is_listed(
    app: Application, staff: Callable[[str], User], sweep: Sweep, clock: Clock
) -> None:
    sweep()
    clock.forward(minutes=30)
    sweep()
    text = signed_in(app, staff("admin")).page(PAGE).text
    assert "count_up */30 * * * * UTC · last run" in text


def test_a_schedule_is_started(
    app: Application, as_admin: Client, queued: Names, recorded: Names
) -> None:
    text = press(as_admin, PAGE, "/count_up/run")
    assert STARTED in text
    assert "UTC · last run" in text
    assert (queued(), recorded()) == (["count_up"], ["count_up"])


def test_a_form_that_is_sent_twice_starts_it_once(
    as_admin: Client, queued: Names, recorded: Names
) -> None:
    press(as_admin, PAGE, "/count_up/run")
    assert WAITS in press(as_admin, PAGE, "/count_up/run")
    assert (queued(), recorded()) == (["count_up"], ["count_up"])


def test_a_schedule_whose_job_waits_has_no_button(
    as_admin: Client, sweep: Sweep, queued: Names
) -> None:
    press(as_admin, PAGE, "/count_up/run")
    actions = [form.get("action") for form in as_admin.page(PAGE).all("form")]
    assert f"{PAGE}/run_at_night/run" in actions
    assert f"{PAGE}/count_up/run" not in actions


def test_a_schedule_that_was_started_still_runs_at_its_next_time(
    as_admin: Client, sweep: Sweep, queued: Names, clock: Clock
) -> None:
    sweep()
    press(as_admin, PAGE, "/count_up/run")
    sweep()
    assert queued() == ["count_up"]
    clock.forward(minutes=30)
    sweep()
    assert queued().count("count_up") == 2


def test_a_schedule_can_be_started_again_once_its_job_is_done(
    app: Application, as_admin: Client, queued: Names
) -> None:
    press(as_admin, PAGE, "/count_up/run")
    app.test_cli_runner().invoke(args=["jobs", "run"])
    assert STARTED in press(as_admin, PAGE, "/count_up/run")
    assert queued().count("count_up") == 2


def test_two_staff_who_start_a_schedule_at_once_start_it_once(
    app: Application, staff: Callable[..., User], sweep: Sweep, queued: Names, recorded: Names
) -> None:
    sweep()
    browser = signed_in(app, staff("admin"))
    form = {"csrf_token": browser.csrf_token(PAGE)}
    [schedule] = [it for it in schedules if it.name == "count_up"]
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            assert queue_now(schedule)
            db.session.flush()
            sent = other.submit(browser.post, f"{PAGE}/count_up/run", data=form)
            sleep(LOCK_WAIT)
            assert not sent.done(), "it waits for the lock"
        assert sent.result().status_code == 303
    assert WAITS in browser.page(PAGE).text
    assert (queued(), recorded()) == (["count_up"], [])


@pytest.mark.parametrize("name", ["unknown", "(sweep)", "rename"])
def test_an_unknown_schedule_does_not_exist(as_admin: Client, queued: Names, name: str) -> None:
    form = {"csrf_token": as_admin.csrf_token(PAGE)}
    assert as_admin.post(f"{PAGE}/{name}/run", data=form).status_code == 404
    assert queued() == []


def test_support_neither_sees_nor_starts_schedules(as_support: Client, queued: Names) -> None:
    as_support.page(PAGE, status=404)
    form = {"csrf_token": as_support.csrf_token("/preferences")}
    assert as_support.post(f"{PAGE}/count_up/run", data=form).status_code == 404
    assert queued() == []
