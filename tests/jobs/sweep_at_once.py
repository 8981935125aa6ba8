"""Sweep in many processes at the same moment: `python -m tests.jobs.sweep_at_once 20 1800`.

The arguments are the number of processes and how many seconds their clock is ahead. With a third,
each process is killed when it sends a statement that begins with these words, as by a crash.
"""

import os
import signal
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from app import clock
from app.database import db
from app.jobs.schedules import queue_due_jobs
from tests.jobs.app_with_sample_jobs import app


def sweep_when_closed(start: int) -> None:
    os.read(start, 1)
    with app.app_context():
        for _ in range(3):
            queue_due_jobs()


def die_at(words: str) -> None:
    def die(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith(words):
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", die)
        event.listen(db.engine, "commit", lambda connection: die(connection, None, "COMMIT"))


def fork(start: int, end: int) -> int:
    child = os.fork()
    if child:
        return child
    os.close(end)
    sweep_when_closed(start)
    os._exit(0)


count, ahead, *killed_at = sys.argv[1:]
clock.ahead = timedelta(seconds=float(ahead))
for statement in killed_at:
    die_at(statement)
start, end = os.pipe()
children = [fork(start, end) for _ in range(int(count))]
os.close(end)
sys.exit(max(os.waitpid(child, 0)[1] for child in children) != 0)
