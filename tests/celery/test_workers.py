"""With CELERY_BROKER_URL, a Celery worker runs the jobs; the calling code stays the same.

Tests that need the rows to wait are in test_no_worker.py.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.application import Application
from app.jobs.later import run_later
from app.jobs.models import Job
from app.mail.models import Message
from app.mail.outbox import send_mail_later
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.celery.broker import BROKER_URL
from tests.conftest import shared_app
from tests.jobs.sample_jobs import rename, rename_and_fail, rename_to_request_and_locale
from tests.jobs.sample_schedules import miss_a_run
from tests.processes import end, start, wait_until

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
MakeApp = Callable[..., Application]


@pytest.fixture(scope="module")
def worker(
    broker: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Start a worker, as in production.

    It is stopped after this file, or else it would run the jobs of other tests.
    """
    site = "tests.celery.app_with_sample_jobs:celery"
    command = f"celery -A {site} worker --concurrency=1 --loglevel=ERROR"
    mail = f"file:{tmp_path_factory.mktemp('mail')}"
    settings = {"CELERY_BROKER_URL": broker, "JOB_SWEEP_INTERVAL": "1s", "MAIL_URL": mail}
    process = start(database_url, *command.split(), **settings)
    yield
    end(process)


def queue(site: Application, function: Callable[..., None], *arguments: object) -> None:
    with site.app_context(), unit_of_work():
        run_later(function, *arguments)


@pytest.mark.usefixtures("worker")
def test_celery_runs_a_job_that_the_site_queues(
    make_app: MakeApp, alice: User, name_of: NameOf
) -> None:
    queue(make_app(CELERY_BROKER_URL=BROKER_URL), rename, alice.id, "Al")
    wait_until(lambda: name_of(alice) == "Al")


@pytest.mark.usefixtures("worker")
def test_celery_runs_a_job_in_the_language_it_was_queued_in(
    make_app: MakeApp, alice: User, name_of: NameOf
) -> None:
    queue(make_app(CELERY_BROKER_URL=BROKER_URL), rename_to_request_and_locale, alice.id)
    wait_until(lambda: name_of(alice) == "None en")


@pytest.mark.usefixtures("worker")
def test_celery_sends_email(
    make_app: MakeApp, outbox: Callable[[], list[Message]], tmp_path: Path
) -> None:
    site = make_app(CELERY_BROKER_URL=BROKER_URL, MAIL_URL=f"file:{tmp_path}")
    with site.app_context(), unit_of_work():
        send_mail_later("alice@example.com", "mail/test")
    wait_until(lambda: outbox()[0].state == "sent")


@pytest.mark.usefixtures("worker")
def test_the_periodic_sweep_finds_a_job_without_a_notification(
    clean_database: str, alice: User, name_of: NameOf
) -> None:
    queue(shared_app(clean_database), rename, alice.id, "Al")
    wait_until(lambda: name_of(alice) == "Al")


@pytest.mark.usefixtures("worker")
def test_a_schedule_runs_without_celery_beat(
    clean_database: str, alice: User, name_of: NameOf
) -> None:
    miss_a_run(clean_database)
    wait_until(lambda: name_of(alice) == "x")


@pytest.mark.usefixtures("worker")
def test_a_job_that_fails_in_celery_is_postponed(
    make_app: MakeApp, alice: User, jobs: Jobs
) -> None:
    queue(make_app(CELERY_BROKER_URL=BROKER_URL), rename_and_fail, alice.id)
    wait_until(lambda: bool(jobs()[0].last_error))
    assert (jobs()[0].state, jobs()[0].attempts) == ("waiting", 1)
