"""Workers in separate processes, run by Celery, if CELERY_BROKER_URL is set."""

from app.application import Application
from app.celery.checks import check_broker
from app.celery.settings import Settings
from app.checks import connection_checks
from app.jobs.workers import use_workers
from app.lazy_modules import lazy_module
from config import SettingRefused

SETTINGS = Settings


def init_app(app: Application) -> None:
    """Replace the threads that run jobs.

    Celery is an optional extra, and costs startup time and memory: it is imported only here, and
    only if it is configured. Raises SettingRefused if it is configured and not installed.
    """
    if not app.config["CELERY_BROKER_URL"]:
        return
    connection_checks.add(app, check_broker)
    try:
        use_workers(app, lazy_module("app.celery.workers").CeleryWorkers(app))
    except ModuleNotFoundError as error:
        raise SettingRefused(
            f"CELERY_BROKER_URL is set, but {error.name} is not installed. Run "
            "`pip install --require-hashes -r requirements-celery.txt`, or remove the setting."
        ) from error
