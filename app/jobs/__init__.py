"""Background jobs: `run_later()` stores a call, and a worker runs it after the commit."""

from app.application import Application
from app.jobs.commands import jobs
from app.jobs.later import QUEUE, job, run_later
from app.jobs.queue import register
from app.jobs.threads import Threads
from app.jobs.workers import Workers
from config import SettingRefused

try:
    from app.jobs import celery
except ModuleNotFoundError:  # an optional extra: requirements-celery.txt
    celery = None  # type: ignore[assignment]

__all__ = ["job", "run_later"]


def init_app(app: Application) -> None:
    app.extensions["workers"] = make_workers(app)
    register(app, QUEUE)
    app.cli.add_command(jobs)


def make_workers(app: Application) -> Workers:
    """Return Celery's workers if a broker is configured, else threads of this process.

    Raises SettingRefused if a broker is configured and Celery is not installed.
    """
    if not app.config["CELERY_BROKER_URL"]:
        return Threads(app)
    if celery is None:
        raise SettingRefused(
            "CELERY_BROKER_URL is set, but Celery is not installed. Run "
            "`pip install --require-hashes -r requirements-celery.txt`, or remove the setting."
        )
    return celery.CeleryWorkers(app)
