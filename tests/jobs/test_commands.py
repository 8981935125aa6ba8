"""`flask jobs …`, for cron and operators."""

import signal
from collections.abc import Callable
from subprocess import Popen

from app.application import Application
from app.jobs.later import run_later
from app.jobs.models import Job
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import Clock
from tests.jobs.sample_jobs import die, rename, rename_and_fail, rename_slowly
from tests.processes import wait_until

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
Process = Callable[..., Popen[str]]


def flask(site: Application, *command: str) -> str:
    result = site.test_cli_runner().invoke(args=command)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def queue(site: Application, function: Callable[..., None], *arguments: object) -> None:
    with site.app_context(), unit_of_work():
        run_later(function, *arguments)


def test_run_processes_due_jobs_and_prints_the_result(
    app: Application, alice: User, name_of: NameOf
) -> None:
    queue(app, rename, alice.id, "Al")
    queue(app, rename_and_fail, alice.id)
    assert flask(app, "jobs", "run") == "jobs: 1 done\njobs: 1 postponed\n"
    assert name_of(alice) == "Al"
    assert flask(app, "jobs", "run") == ""


def test_list_shows_which_jobs_failed_and_why(app: Application, alice: User) -> None:
    queue(app, rename, alice.id, "Al")
    queue(app, rename_and_fail, alice.id)
    flask(app, "jobs", "run")
    [line] = flask(app, "jobs", "list", "--state", "waiting").splitlines()
    assert f"attempts 1  rename_and_fail({alice.id})  RuntimeError: the printer" in line
    assert "rename(" in flask(app, "jobs", "list", "--state", "done")
    assert "Choose one of waiting, done, given-up" in flask(app, "jobs", "list", "--state", "no")


def test_retry_makes_a_given_up_job_due_again(
    make_app: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_app(JOB_ATTEMPT_LIMIT=1)
    queue(site, rename_and_fail, alice.id)
    flask(site, "jobs", "run")
    assert flask(site, "jobs", "retry", "--all").startswith("1 will be retried")
    assert (jobs()[0].state, jobs()[0].attempts) == ("waiting", 0)
    assert "was not given up" in flask(site, "jobs", "retry", str(jobs()[0].id))
    assert "either an ID or --all" in flask(site, "jobs", "retry")


def test_the_loop_finishes_its_current_job_on_sigterm(
    app: Application, process: Process, alice: User, jobs: Jobs
) -> None:
    for _ in range(2):
        queue(app, rename_slowly, alice.id, "Al", 0.7)
    loop = process("flask", "jobs", "run", "--loop")
    wait_until(lambda: jobs()[0].attempts == 1)
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(30) == 0
    assert [job.state for job in jobs()] == ["done", "waiting"]


def test_a_job_that_kills_its_process_is_given_up(
    make_app: Callable[..., Application],
    process: Process,
    alice: User,
    jobs: Jobs,
    name_of: NameOf,
    clock: Clock,
) -> None:
    site = make_app(JOB_ATTEMPT_LIMIT=1)
    queue(site, die, alice.id)
    assert process("flask", "jobs", "run").wait(30) == -signal.SIGKILL
    assert (jobs()[0].state, name_of(alice)) == ("waiting", "")
    assert flask(site, "jobs", "run") == ""
    clock.forward(minutes=15)
    assert "jobs: 1 given-up" in flask(site, "jobs", "run").splitlines()
    assert "its process was killed" in jobs()[0].last_error
