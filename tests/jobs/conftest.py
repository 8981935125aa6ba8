"""Look at jobs, and run the site in processes of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import select

from app.database import db
from app.jobs.models import Job
from app.users.models import User
from tests.conftest import SETTINGS, shared_app

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def jobs(clean_database: str) -> Callable[[], list[Job]]:
    """Read every job on record, oldest first."""

    def read() -> list[Job]:
        with shared_app(clean_database).app_context():
            return list(db.session.scalars(select(Job).order_by(Job.id)))

    return read


@pytest.fixture
def name_of(clean_database: str) -> Callable[[User], str]:
    """Read what somebody is called by now."""

    def read(user: User) -> str:
        with shared_app(clean_database).app_context():
            return db.session.get_one(User, user.id).display_name

    return read


@pytest.fixture
def process(clean_database: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `python -m …` on the test's database, and end what is left of it at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*command: str, **settings: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment(clean_database, settings),
            text=True,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def environment(database_url: str, settings: dict[str, Any]) -> dict[str, str]:
    ours = {"DATABASE_URL": database_url, "FLASK_APP": "tests.jobs.site", "FLASK_DEBUG": "0"}
    given = {**SETTINGS, **ours, **settings}
    return os.environ | {name: str(value) for name, value in given.items()}


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for another thread or process; fail if it takes too long."""
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until, "it did not happen in time"
        sleep(0.02)
