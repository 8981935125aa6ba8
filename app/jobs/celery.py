"""Workers in processes of their own, by Celery: `celery -A wsgi:celery worker`.

Celery carries the nudges and keeps the time. What is to be done, how often it was tried and what
became of it is in the database as without it; no result and no argument passes the broker.
"""

from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from app.application import Application
from app.database import db
from app.jobs.background import answer, queues

# A request that asks for work waits no longer than this for a broker that is away, in seconds.
# The row is committed by then and is found by the next sweep.
BROKER_TIMEOUT = 2


class CeleryWorkers:
    def __init__(self, app: Application) -> None:
        self.app = app
        self.celery = make_celery(app)
        self._answer = self.celery.task(self.answer, name="answer")
        self.celery.task(self.start, name="sweep")
        self.celery.task(self.prune, name="prune")
        worker_process_init.connect(self.forget_connections)

    def wake(self, queue: str) -> None:
        self._answer.delay(queue)

    def start(self) -> None:
        for queue in queues(self.app):
            self.wake(queue)

    def answer(self, queue: str) -> None:
        with self.app.app_context():
            answer(queue)

    def prune(self) -> None:
        """Run `flask prune`, so that there is one list of what is removed and when."""
        with self.app.app_context():
            self.app.cli.main(["prune"], "flask", standalone_mode=False)

    def forget_connections(self, **rest: object) -> None:
        """Leave the parent its connections: two processes must not talk on one."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)


def make_celery(app: Application) -> Celery:
    celery = Celery(app.name, broker=app.config["CELERY_BROKER_URL"], set_as_current=False)
    celery.conf.update(
        task_ignore_result=True,
        broker_connection_timeout=BROKER_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"socket_connect_timeout": BROKER_TIMEOUT},
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0},
        # A row is taken when it is begun; a worker must not hoard nudges that others could answer.
        worker_prefetch_multiplier=1,
        # The application's own lines, with request id, and not Celery's format around them.
        worker_hijack_root_logger=False,
        beat_schedule=schedule(app),
        beat_schedule_filename=str(Path(app.instance_path) / "celerybeat-schedule"),
    )
    return celery


def schedule(app: Application) -> dict[str, Any]:
    """Return what `celery -A wsgi:celery worker --beat` does by the clock, in seconds."""
    every = app.config["JOB_SWEEP_INTERVAL"].total_seconds()
    return {
        "sweep": {"task": "sweep", "schedule": every, "options": {"expires": every}},
        "prune": {"task": "prune", "schedule": 24 * 60 * 60.0},
    }
