"""Threads of the process that serves the site do what is asked for later."""

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from subprocess import Popen
from time import monotonic

import pytest

from app.application import Application
from app.jobs.background import workers
from app.jobs.later import run_later
from app.jobs.models import Job
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import shared_app
from tests.jobs.work import rename, rename_and_fail, rename_slowly
from tests.mail_server import free_port
from tests.processes import wait_until

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
Process = Callable[..., Popen[str]]


@pytest.fixture
def make_site(make_app: Callable[..., Application]) -> Iterator[Callable[..., Application]]:
    """Make an application with two threads; they are stopped at the end."""
    made: list[Application] = []

    def make(**settings: object) -> Application:
        made.append(make_app(**{"JOB_THREADS": 2, **settings}))
        return made[-1]

    yield make
    for site in made:
        workers(site).stop()  # type: ignore[attr-defined]


def ask(site: Application, function: Callable[..., None], *arguments: object) -> None:
    with site.app_context(), unit_of_work():
        run_later(function, *arguments)


def leave_behind(database_url: str, user: User) -> None:
    """Ask for a job in a process that does none and tells nobody."""
    ask(shared_app(database_url), rename, user.id, "Al")


def test_a_job_is_done_without_anybody_waiting_for_it(
    make_site: Callable[..., Application], alice: User, name_of: NameOf
) -> None:
    began = monotonic()
    ask(make_site(), rename_slowly, alice.id, "Al", 0.3)
    assert monotonic() - began < 0.3
    wait_until(lambda: name_of(alice) == "Al")


def test_many_jobs_are_each_done_once(
    make_site: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_site()
    with site.app_context(), unit_of_work():
        for number in range(30):
            run_later(rename, alice.id, str(number))
    wait_until(lambda: all(job.state == "done" for job in jobs()))
    assert [job.attempts for job in jobs()] == [1] * 30


def test_a_job_that_fails_stops_no_thread(
    make_site: Callable[..., Application], alice: User, name_of: NameOf
) -> None:
    site = make_site(JOB_THREADS=1)
    ask(site, rename_and_fail, alice.id)
    ask(site, rename, alice.id, "Al")
    wait_until(lambda: name_of(alice) == "Al")


def test_idle_threads_find_what_nobody_told_them(
    make_site: Callable[..., Application], clean_database: str, alice: User, jobs: Jobs
) -> None:
    site = make_site(JOB_SWEEP_INTERVAL=timedelta(milliseconds=100))
    workers(site).start()
    wait_until(lambda: not jobs())
    leave_behind(clean_database, alice)
    wait_until(lambda: jobs()[0].state == "done")


def test_stopping_finishes_what_is_begun_and_keeps_the_rest(
    make_site: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_site(JOB_THREADS=1)
    for _ in range(3):
        ask(site, rename_slowly, alice.id, "Al", 0.3)
    wait_until(lambda: jobs()[0].attempts == 1)
    workers(site).stop()  # type: ignore[attr-defined]
    assert [job.state for job in jobs()] == ["done", "waiting", "waiting"]


def test_stopping_waits_no_longer_than_it_may(
    make_site: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_site(JOB_THREADS=1, JOB_STOP_LIMIT=timedelta(milliseconds=100))
    ask(site, rename_slowly, alice.id, "Al", 1)
    wait_until(lambda: jobs()[0].attempts == 1)
    began = monotonic()
    workers(site).stop()  # type: ignore[attr-defined]
    assert monotonic() - began < 0.5
    wait_until(lambda: jobs()[0].state == "done")


def test_gunicorn_takes_up_what_a_crash_has_left(
    process: Process, clean_database: str, alice: User, name_of: NameOf
) -> None:
    leave_behind(clean_database, alice)
    serve(process)
    wait_until(lambda: name_of(alice) == "Al")


def test_gunicorn_ends_what_it_has_begun_before_it_stops(
    process: Process, clean_database: str, alice: User, jobs: Jobs, name_of: NameOf
) -> None:
    ask(shared_app(clean_database), rename_slowly, alice.id, "Al", 0.7)
    gunicorn = serve(process)
    wait_until(lambda: jobs()[0].attempts == 1)
    gunicorn.send_signal(signal.SIGTERM)
    gunicorn.wait(30)
    assert name_of(alice) == "Al"


def serve(process: Process, **settings: object) -> Popen[str]:
    bind = f"--bind=127.0.0.1:{free_port()}"
    return process("gunicorn", "tests.jobs.site:app", bind, JOB_THREADS=2, **settings)
