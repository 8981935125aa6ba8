"""Jobs for the tests, in their own file because other processes import it too."""

import os
import signal
from time import sleep

from flask import g
from flask_babel import get_locale

from app.database import db
from app.jobs.later import job
from app.users.models import User


@job
def rename(user_id: int, name: str) -> None:
    """Make a change that a test can read."""
    db.session.get_one(User, user_id).display_name = name


@job
def rename_slowly(user_id: int, name: str, seconds: float) -> None:
    sleep(seconds)
    rename(user_id, name)


@job
def rename_to_request_and_locale(user_id: int) -> None:
    rename(user_id, f"{g.request_id} {get_locale()}")


@job
def rename_and_fail(user_id: int) -> None:
    rename(user_id, "half done")
    db.session.flush()
    raise RuntimeError("the printer is on fire")


@job
def die(user_id: int) -> None:
    """Kill the process, as a crash would."""
    rename(user_id, "half done")
    db.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
