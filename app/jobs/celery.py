"""Workers in separate processes, run by Celery: `celery -A wsgi:celery worker`.

Celery only delivers notifications and runs the schedule. The job, its attempts and its result are
in the database, as without Celery: no argument and no result passes through the broker.
"""

import logging
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_process_init

from app.application import Application
from app.database import db
from app.jobs.queue import process_queue_once, queues

# Seconds that a request waits for an unreachable broker. The row is committed by then, and the
# next sweep finds it.
BROKER_TIMEOUT = 2


class CeleryWorkers:
    def __init__(self, app: Application) -> None:
        self.app = app
        self.celery = make_celery(app)
        define_tasks(self, self.celery)
        worker_process_init.connect(self.dispose_engines)
        setup_logging.connect(use_app_log_handlers)

    def wake(self, queue: str) -> None:
        self.celery.send_task("process_queue", (queue,))

    def start(self) -> None:
        for queue in queues.items(self.app):
            self.wake(queue.name)

    def prune(self) -> None:
        """Run `flask prune`, so that there is one list of what is deleted."""
        with self.app.app_context():
            self.app.cli.main(["prune"], "flask", standalone_mode=False)

    def dispose_engines(self, **signal: object) -> None:
        """Drop the connections inherited by a fork: two processes must not share one."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)


def define_tasks(workers: CeleryWorkers, celery: Celery) -> None:
    def process_queue(queue: str) -> None:
        with workers.app.app_context():
            process_queue_once(queue)

    def sweep() -> None:
        workers.start()

    def prune() -> None:
        workers.prune()

    # Functions, because Celery turns a method into a new one. Not shared with other applications.
    for function in (process_queue, sweep, prune):
        celery.task(function, name=function.__name__, shared=False)


def use_app_log_handlers(**signal: object) -> None:
    """Log through the application's handlers: Celery's own would write each line twice."""
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
        # A busy worker must not reserve notifications that an idle one could process.
        worker_prefetch_multiplier=1,
        beat_schedule=make_schedule(app),
        # The default scheduler writes a file, which is not needed here: the next minute repeats a
        # missed sweep, and the next night a missed prune.
        beat_scheduler="celery.beat.Scheduler",
    )
    return celery


def make_schedule(app: Application) -> dict[str, Any]:
    """Return the schedule (in UTC) of `celery -A wsgi:celery worker --beat`."""
    seconds = app.config["JOB_SWEEP_INTERVAL"].total_seconds()
    return {
        "sweep": {"task": "sweep", "schedule": seconds, "options": {"expires": seconds}},
        "prune": {"task": "prune", "schedule": crontab(hour="3", minute="17")},
    }
