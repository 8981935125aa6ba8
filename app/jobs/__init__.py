"""Background jobs: `run_later()` stores a call, and a worker runs it after the commit.

`@scheduled` queues a job at the times of a cron expression.
"""

from typing import cast

from app.application import Application
from app.jobs.commands import jobs
from app.jobs.later import QUEUE, job, run_later
from app.jobs.queue import prune_finished, queues
from app.jobs.schedules import prune_runs, scheduled
from app.jobs.threads import Threads
from app.jobs.workers import Workers
from app.lazy_modules import lazy_module
from app.unit_of_work.batches import pruning
from config import SettingRefused

__all__ = ["job", "run_later", "scheduled"]


def init_app(app: Application) -> None:
    app.extensions["workers"] = make_workers(app)
    queues.add(app, QUEUE)
    app.cli.add_command(jobs)
    pruning.add(app, ("sent mails and done jobs", prune_finished))
    pruning.add(app, ("runs of schedules", prune_runs))


def make_workers(app: Application) -> Workers:
    """Return Celery's workers if a broker is configured, else threads of this process.

    Celery is an optional extra, and costs startup time and memory: it is imported only here, and
    only if it is configured. Raises SettingRefused if it is configured and not installed.
    """
    if not app.config["CELERY_BROKER_URL"]:
        return Threads(app)
    try:
        connect_celery = lazy_module("app.jobs.celery").CeleryWorkers
    except ModuleNotFoundError as error:
        raise SettingRefused(
            f"CELERY_BROKER_URL is set, but {error.name} is not installed. Run "
            "`pip install --require-hashes -r requirements-celery.txt`, or remove the setting."
        ) from error
    return cast(Workers, connect_celery(app))
