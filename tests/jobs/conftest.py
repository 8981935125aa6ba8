"""Schedule the sample jobs, and read the stored jobs and the display names that these change."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from app.database import db
from app.jobs.models import Job
from app.jobs.schedules import schedules
from app.users.models import User
from tests.conftest import shared_app
from tests.jobs.sample_schedules import schedule_sample_jobs


@pytest.fixture
def jobs(clean_database: str) -> Callable[[], list[Job]]:
    """Return a function that reads all jobs, oldest first."""

    def read() -> list[Job]:
        with shared_app(clean_database).app_context():
            return list(db.session.scalars(select(Job).order_by(Job.id)))

    return read


@pytest.fixture
def name_of(clean_database: str) -> Callable[[User], str]:
    """Return a function that reads the current display name of a user."""

    def read(user: User) -> str:
        with shared_app(clean_database).app_context():
            return db.session.get_one(User, user.id).display_name

    return read


@pytest.fixture
def sample_schedules() -> Iterator[None]:
    """Schedule the sample jobs during the test."""
    before = len(schedules)
    schedule_sample_jobs()
    yield
    del schedules[before:]
