"""By default, threads of the process that serves the site run the jobs."""

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from subprocess import Popen
from time import monotonic

import pytest

from app.application import Application
from app.jobs.later import run_later
from app.jobs.models import Job
from app.jobs.workers import workers
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import Clock, shared_app, visitor
from tests.jobs.sample_jobs import rename, rename_and_fail, rename_slowly
from tests.jobs.sample_schedules import miss_a_run
from tests.mail_server import free_port
from tests.processes import wait_until

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
Process = Callable[..., Popen[str]]


@pytest.fixture
def make_site(make_app: Callable[..., Application]) -> Iterator[Callable[..., Application]]:
    """Make an application with two worker threads, which are stopped at the end."""
    made: list[Application] = []

    def make(**settings: object) -> Application:
        made.append(make_app(**{"JOB_THREADS": 2, **settings}))
        return made[-1]

    yield make
    for site in made:
        workers(site).stop()  # type: ignore[attr-defined]  # ThreadWorkers only


def queue(site: Application, function: Callable[..., None], *arguments: object) -> None:
    with site.app_context(), unit_of_work():
        run_later(function, *arguments)


def queue_without_worker(database_url: str, user: User) -> None:
    """Queue a job in an application without threads, so that no worker is notified."""
    queue(shared_app(database_url), rename, user.id, "Al")


def test_a_job_runs_without_delaying_the_caller(
    make_site: Callable[..., Application], alice: User, name_of: NameOf
) -> None:
    site = make_site()
    began = monotonic()
    queue(site, rename_slowly, alice.id, "Al", 0.3)
    assert monotonic() - began < 0.3
    wait_until(lambda: name_of(alice) == "Al")


def test_each_of_many_jobs_runs_once(
    make_site: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_site()
    with site.app_context(), unit_of_work():
        for number in range(30):
            run_later(rename, alice.id, str(number))
    wait_until(lambda: all(job.state == "done" for job in jobs()))
    assert [job.attempts for job in jobs()] == [1] * 30


def test_a_failed_job_does_not_stop_its_thread(
    make_site: Callable[..., Application], alice: User, name_of: NameOf
) -> None:
    site = make_site(JOB_THREADS=1)
    queue(site, rename_and_fail, alice.id)
    queue(site, rename, alice.id, "Al")
    wait_until(lambda: name_of(alice) == "Al")


def test_idle_threads_find_a_job_without_a_notification(
    make_site: Callable[..., Application], clean_database: str, alice: User, jobs: Jobs
) -> None:
    site = make_site(JOB_SWEEP_INTERVAL=timedelta(milliseconds=100))
    workers(site).start()
    wait_until(lambda: not jobs())
    queue_without_worker(clean_database, alice)
    wait_until(lambda: jobs()[0].state == "done")


@pytest.mark.usefixtures("sample_schedules")
def test_a_schedule_runs_while_the_threads_are_never_idle(
    make_site: Callable[..., Application], alice: User, name_of: NameOf, clock: Clock
) -> None:
    """Notifications arrive faster than the threads process them."""
    site = make_site(JOB_THREADS=1, JOB_SWEEP_INTERVAL=timedelta(milliseconds=100))
    workers(site).start()
    wait_until(lambda: workers(site).notifications.empty())  # type: ignore[attr-defined]  # Threads only
    clock.forward(minutes=30)

    def ran() -> bool:
        for _ in range(10):
            workers(site).wake("jobs")
        return name_of(alice) == "x"

    wait_until(ran)


@pytest.mark.usefixtures("sample_schedules")
def test_the_first_request_starts_the_threads(
    make_site: Callable[..., Application], clean_database: str, alice: User, name_of: NameOf
) -> None:
    """For servers without a hook for the start of a process, such as `flask run`."""
    miss_a_run(clean_database)
    visitor(make_site()).get("/")
    wait_until(lambda: name_of(alice) == "x")


def test_gunicorn_runs_a_schedule_without_any_request(
    process: Process, clean_database: str, alice: User, name_of: NameOf
) -> None:
    miss_a_run(clean_database)
    serve(process)
    wait_until(lambda: name_of(alice) == "x")


def test_the_loop_runs_a_schedule(
    process: Process, clean_database: str, alice: User, name_of: NameOf
) -> None:
    miss_a_run(clean_database)
    process("flask", "jobs", "run", "--loop")
    wait_until(lambda: name_of(alice) == "x")


def test_stopping_finishes_the_current_job_and_keeps_the_others(
    make_site: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_site(JOB_THREADS=1)
    for _ in range(3):
        queue(site, rename_slowly, alice.id, "Al", 0.3)
    wait_until(lambda: jobs()[0].attempts == 1)
    workers(site).stop()  # type: ignore[attr-defined]  # ThreadWorkers only
    assert [job.state for job in jobs()] == ["done", "waiting", "waiting"]


def test_stopping_waits_at_most_job_stop_limit(
    make_site: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_site(JOB_THREADS=1, JOB_STOP_LIMIT=timedelta(milliseconds=100))
    queue(site, rename_slowly, alice.id, "Al", 1)
    wait_until(lambda: jobs()[0].attempts == 1)
    began = monotonic()
    workers(site).stop()  # type: ignore[attr-defined]  # ThreadWorkers only
    assert monotonic() - began < 0.5
    wait_until(lambda: jobs()[0].state == "done")


def test_gunicorn_resumes_jobs_left_by_a_crash(
    process: Process, clean_database: str, alice: User, name_of: NameOf
) -> None:
    queue_without_worker(clean_database, alice)
    serve(process)
    wait_until(lambda: name_of(alice) == "Al")


def test_gunicorn_finishes_its_current_job_before_it_stops(
    process: Process, clean_database: str, alice: User, jobs: Jobs, name_of: NameOf
) -> None:
    queue(shared_app(clean_database), rename_slowly, alice.id, "Al", 0.7)
    gunicorn = serve(process)
    wait_until(lambda: jobs()[0].attempts == 1)
    gunicorn.send_signal(signal.SIGTERM)
    gunicorn.wait(30)
    assert name_of(alice) == "Al"


def serve(process: Process, **settings: object) -> Popen[str]:
    bind = f"--bind=127.0.0.1:{free_port()}"
    return process(
        "gunicorn", "tests.jobs.app_with_sample_jobs:app", bind, JOB_THREADS=2, **settings
    )
