"""Jobs for the tests, in a file of their own: other processes import it too."""

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
    """Change something that a test can see."""
    db.session.get_one(User, user_id).display_name = name


@job
def rename_slowly(user_id: int, name: str, seconds: float) -> None:
    sleep(seconds)
    rename(user_id, name)


@job
def rename_after_cause(user_id: int) -> None:
    rename(user_id, f"{g.request_id} {get_locale()}")


@job
def rename_and_fail(user_id: int) -> None:
    rename(user_id, "half done")
    db.session.flush()
    raise RuntimeError("the printer is on fire")


@job
def die(user_id: int) -> None:
    """End the process as a crash does."""
    rename(user_id, "half done")
    db.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
