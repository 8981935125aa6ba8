"""Workers in processes of their own, by Celery: `celery -A wsgi:celery worker`.

Celery carries the nudges and keeps the time. What is to be done, how often it was tried and what
became of it is in the database as without it; no result and no argument passes the broker.
"""

import logging
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_process_init

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
        define_tasks(self, self.celery)
        worker_process_init.connect(self.forget_connections)
        setup_logging.connect(log_as_the_site_does)

    def wake(self, queue: str) -> None:
        self.celery.send_task("answer_nudge", (queue,))

    def start(self) -> None:
        for queue in queues(self.app):
            self.wake(queue)

    def prune(self) -> None:
        """Run `flask prune`, the one list of what is removed."""
        with self.app.app_context():
            self.app.cli.main(["prune"], "flask", standalone_mode=False)

    def forget_connections(self, **rest: object) -> None:
        """Leave the parent its connections: two processes must not talk on one."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)


def define_tasks(workers: CeleryWorkers, celery: Celery) -> None:
    def answer_nudge(queue: str) -> None:
        with workers.app.app_context():
            answer(queue)

    def sweep() -> None:
        workers.start()

    def prune() -> None:
        workers.prune()

    # Functions, because Celery makes methods of methods anew. Not shared with other applications.
    for function in (answer_nudge, sweep, prune):
        celery.task(function, name=function.__name__, shared=False)


def log_as_the_site_does(**rest: object) -> None:
    """Write Celery's own lines by our handler, where Celery would write each of ours twice."""
    logging.getLogger("celery").handlers = logging.getLogger("app").handlers
    logging.getLogger("celery").setLevel(logging.WARNING)


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
        beat_schedule=schedule(app),
        # Beat's own one writes a file. Ours needs none: a sweep that is missed is made up for in
        # a minute, and a prune the next night.
        beat_scheduler="celery.beat.Scheduler",
    )
    return celery


def schedule(app: Application) -> dict[str, Any]:
    """Return what `celery -A wsgi:celery worker --beat` does by the clock (in UTC)."""
    every = app.config["JOB_SWEEP_INTERVAL"].total_seconds()
    return {
        "sweep": {"task": "sweep", "schedule": every, "options": {"expires": every}},
        "prune": {"task": "prune", "schedule": crontab(hour="3", minute="17")},
    }
