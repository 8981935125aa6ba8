"""A product's weekly email, from the schedule to the end of the subscription.

It runs in every kind of worker. The mail server and the processes are real.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from subprocess import Popen
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.application import Application
from app.clock import now
from app.database import db
from app.jobs import scheduled
from app.jobs.models import Job, ScheduledRun
from app.jobs.queued import WAITING
from app.jobs.schedules import schedules
from app.jobs.workers import workers
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import shared_app, visitor
from tests.contributions import contributed
from tests.mail_server import MailServer
from tests.mail_topics.conftest import SENDER, MakeSite, click_once, unsubscribe_path
from tests.mail_topics.weekly import mail_the_week
from tests.processes import wait_until

SITE = "tests.mail_topics.app_with_weekly_email"
PROCESSES: dict[str, tuple[str, dict[str, str]]] = {
    "flask jobs run": ("flask --app {site} jobs run --loop", {})
}
for more in contributed("background", "WORKERS"):
    PROCESSES.update(more)

Start = Callable[[], object]


@pytest.fixture
def threads(make_site: MakeSite) -> Iterator[Start]:
    """Start the threads of a site, as a server does."""
    sweep = timedelta(milliseconds=100)
    site = make_site(JOB_THREADS=2, JOB_SWEEP_INTERVAL=sweep)
    scheduled("0 8 * * MON")(mail_the_week)
    schedule = schedules[-1]
    yield workers(site).start
    workers(site).stop()  # type: ignore[attr-defined]  # threads only
    schedules.remove(schedule)


def miss_a_monday(database_url: str) -> None:
    """Make the weekly email overdue, as if no process had run since last Monday."""
    name = mail_the_week.__name__
    with shared_app(database_url).app_context(), unit_of_work():
        db.session.execute(delete(ScheduledRun).where(ScheduledRun.name == name))
        db.session.add(ScheduledRun(name=name, due_at=now() - timedelta(days=8)))


def finished_weeks(database_url: str) -> int:
    """Return how many runs have ended, with all the jobs and emails that they caused.

    The runs are counted first, so that one that begins meanwhile does not count.
    """
    with shared_app(database_url).app_context():
        runs = db.session.scalars(select(Job.id).where(Job.name == mail_the_week.__name__)).all()
        for model in (Job, Message):
            if db.session.scalar(select(func.count()).where(model.state == WAITING)):
                return 0
        return len(runs)


def unsubscribe_from_the_first_and_wait_for_the_second(
    site: Application, database_url: str, alice: User, bob: User, mails: MailServer
) -> None:
    wait_until(lambda: finished_weeks(database_url) == 1)
    assert sorted(mail["To"] for mail in mails.messages) == [alice.email, bob.email]
    [mail] = [mail for mail in mails.messages if mail["To"] == alice.email]
    assert click_once(visitor(site), unsubscribe_path(mail)) == 200
    miss_a_monday(database_url)
    wait_until(lambda: finished_weeks(database_url) == 2)
    assert sorted(mail["To"] for mail in mails.messages) == [alice.email, bob.email, bob.email]


def test_a_weekly_email_ends_after_one_click_with_threads(
    site: Application,
    threads: Start,
    clean_database: str,
    alice: User,
    bob: User,
    mails: MailServer,
) -> None:
    miss_a_monday(clean_database)
    threads()
    unsubscribe_from_the_first_and_wait_for_the_second(site, clean_database, alice, bob, mails)


@pytest.mark.parametrize("kind", PROCESSES)
def test_a_weekly_email_ends_after_one_click_with_a_process(
    site: Application,
    process: Callable[..., Popen[str]],
    clean_database: str,
    alice: User,
    bob: User,
    mails: MailServer,
    kind: str,
) -> None:
    command, settings = PROCESSES[kind]
    given: dict[str, Any] = {"MAIL_URL": mails.url, "MAIL_FROM": SENDER, **settings}
    miss_a_monday(clean_database)
    process(*command.format(site=SITE).split(), **given, JOB_SWEEP_INTERVAL="1s")
    unsubscribe_from_the_first_and_wait_for_the_second(site, clean_database, alice, bob, mails)
