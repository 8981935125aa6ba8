"""Scheduled jobs for the tests, in their own file because other processes import it too.

Importing the file schedules nothing: a sweep of any other test of the process would run them.
"""

from datetime import timedelta

from sqlalchemy import delete, select

from app.clock import now
from app.database import db
from app.jobs import job, scheduled
from app.jobs.models import ScheduledRun
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import shared_app


@job
def count_up() -> None:
    """Make a change that a test can read: each run adds a letter to the name of every user."""
    for user in db.session.scalars(select(User)):
        user.display_name += "x"


@job
def run_at_night() -> None:
    """Run at a local time that is skipped in spring and occurs twice in autumn."""


def schedule_sample_jobs() -> None:
    """Schedule the jobs in this process, until it ends or a test removes them."""
    scheduled("*/30 * * * *")(count_up)
    scheduled("30 2 * * *", time_zone="Europe/Berlin")(run_at_night)


def miss_a_run(database_url: str) -> None:
    """Make `count_up` overdue: a process swept two hours ago, and none since."""
    name = count_up.__name__
    with shared_app(database_url).app_context(), unit_of_work():
        db.session.execute(delete(ScheduledRun).where(ScheduledRun.name == name))
        db.session.add(ScheduledRun(name=name, due_at=now() - timedelta(hours=2)))
