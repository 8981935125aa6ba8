"""Scheduled jobs for the tests, in their own file because other processes import it too."""

from sqlalchemy import select

from app.database import db
from app.jobs import job, scheduled
from app.users.models import User


@scheduled("*/30 * * * *")
@job
def count_up() -> None:
    """Make a change that a test can read: each run adds a letter to the name of every user."""
    for user in db.session.scalars(select(User)):
        user.display_name += "x"


@scheduled("30 2 * * *", time_zone="Europe/Berlin")
@job
def run_at_night() -> None:
    """Run at a local time that is skipped in spring and occurs twice in autumn."""
