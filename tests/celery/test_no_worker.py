"""With CELERY_BROKER_URL and no running worker, jobs wait in the database."""

from collections.abc import Callable
from time import monotonic

from app.application import Application
from app.jobs.later import run_later
from app.jobs.models import Job
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.jobs.sample_jobs import rename
from tests.mail_server import free_port

Jobs = Callable[[], list[Job]]
MakeApp = Callable[..., Application]


def queue_rename(site: Application, user_id: int) -> None:
    with site.app_context(), unit_of_work():
        run_later(rename, user_id, "Al")


def test_an_unreachable_broker_does_not_fail_the_request(
    make_app: MakeApp, alice: User, jobs: Jobs
) -> None:
    site = make_app(CELERY_BROKER_URL=f"redis://127.0.0.1:{free_port()}/0")
    began = monotonic()
    queue_rename(site, alice.id)
    assert monotonic() - began < 5
    assert [job.state for job in jobs()] == ["waiting"]
