"""Workers in separate processes, run by Celery: `celery -A wsgi:celery worker`.

Celery only delivers notifications. The job, its attempts and its result are in the database, as
without Celery: no argument and no result passes through the broker.
"""

import logging
from typing import Any, ClassVar

from celery import Celery, bootsteps
from celery.signals import setup_logging, worker_process_init

from app.application import Application
from app.database import db
from app.jobs.queue import process_queue_once, queues
from app.jobs.schedules import queue_due_jobs

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

    def dispose_engines(self, **signal: object) -> None:
        """Drop the connections inherited by a fork: two processes must not share one."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)


class Sweeper(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """A timer in each worker that queues a sweep, so that no `celery beat` is needed."""

    requires: ClassVar[set[str]] = {"celery.worker.components:Timer"}

    def start(self, worker: Any) -> None:
        seconds = worker.app.conf.sweep_seconds
        send = worker.app.tasks["sweep"].apply_async
        self.timer = worker.timer.call_repeatedly(seconds, send, kwargs={"expires": seconds})

    def stop(self, worker: Any) -> None:
        self.timer.cancel()


def define_tasks(workers: CeleryWorkers, celery: Celery) -> None:
    def process_queue(queue: str) -> None:
        with workers.app.app_context():
            process_queue_once(queue)

    def sweep() -> None:
        with workers.app.app_context():
            queue_due_jobs()
        workers.start()

    # Functions, because Celery turns a method into a new one. Not shared with other applications.
    for function in (process_queue, sweep):
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
        sweep_seconds=app.config["JOB_SWEEP_INTERVAL"].total_seconds(),
    )
    celery.steps["worker"].add(Sweeper)
    return celery
