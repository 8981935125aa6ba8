"""`flask jobs …`, for cron, for systemd and for whoever looks after the site."""

import signal
from collections.abc import Callable
from subprocess import Popen

from app.application import Application
from app.jobs.later import run_later
from app.jobs.models import Job
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import Clock
from tests.jobs.work import die, rename, rename_and_fail, rename_slowly
from tests.processes import wait_until

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
Process = Callable[..., Popen[str]]


def flask(site: Application, *command: str) -> str:
    result = site.test_cli_runner().invoke(args=command)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def ask(site: Application, function: Callable[..., None], *arguments: object) -> None:
    with site.app_context(), unit_of_work():
        run_later(function, *arguments)


def test_run_does_what_is_due_and_says_so(app: Application, alice: User, name_of: NameOf) -> None:
    ask(app, rename, alice.id, "Al")
    ask(app, rename_and_fail, alice.id)
    assert flask(app, "jobs", "run") == "jobs: 1 done\njobs: 1 put off\n"
    assert name_of(alice) == "Al"
    assert flask(app, "jobs", "run") == ""


def test_list_shows_what_failed_and_why(app: Application, alice: User) -> None:
    ask(app, rename, alice.id, "Al")
    ask(app, rename_and_fail, alice.id)
    flask(app, "jobs", "run")
    [line] = flask(app, "jobs", "list", "--state", "waiting").splitlines()
    assert f"tried 1  rename_and_fail({alice.id})  RuntimeError: the printer" in line
    assert "rename(" in flask(app, "jobs", "list", "--state", "done")
    assert "Choose one of waiting, done, given-up" in flask(app, "jobs", "list", "--state", "no")


def test_retry_tries_again_what_was_given_up(
    make_app: Callable[..., Application], alice: User, jobs: Jobs
) -> None:
    site = make_app(JOB_ATTEMPT_LIMIT=1)
    ask(site, rename_and_fail, alice.id)
    flask(site, "jobs", "run")
    assert flask(site, "jobs", "retry", "--all").startswith("1 will be tried again")
    assert (jobs()[0].state, jobs()[0].attempts) == ("waiting", 0)
    assert "was not given up" in flask(site, "jobs", "retry", str(jobs()[0].id))
    assert "by its ID, or --all" in flask(site, "jobs", "retry")


def test_a_loop_told_to_stop_ends_what_it_has_begun(
    app: Application, process: Process, alice: User, jobs: Jobs
) -> None:
    for _ in range(2):
        ask(app, rename_slowly, alice.id, "Al", 0.7)
    loop = process("flask", "jobs", "run", "--loop")
    wait_until(lambda: jobs()[0].attempts == 1)
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(30) == 0
    assert [job.state for job in jobs()] == ["done", "waiting"]


def test_a_job_that_kills_its_process_is_given_up_too(
    make_app: Callable[..., Application],
    process: Process,
    alice: User,
    jobs: Jobs,
    name_of: NameOf,
    clock: Clock,
) -> None:
    site = make_app(JOB_ATTEMPT_LIMIT=1)
    ask(site, die, alice.id)
    assert process("flask", "jobs", "run").wait(30) == -signal.SIGKILL
    assert (jobs()[0].state, name_of(alice)) == ("waiting", "")
    assert flask(site, "jobs", "run") == ""
    clock.forward(minutes=15)
    assert flask(site, "jobs", "run") == "jobs: 1 given-up\n"
    assert "whoever made it was killed" in jobs()[0].last_error
