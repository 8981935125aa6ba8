"""Work that is done after the request."""

from importlib import import_module
from typing import cast

from app.application import Application
from app.jobs.background import Workers, register
from app.jobs.threads import Threads
from config import SettingRefused

from . import commands, later


def init_app(app: Application) -> None:
    broker = app.config["CELERY_BROKER_URL"]
    app.extensions["workers"] = connect_celery(app) if broker else Threads(app)
    register(app, later.QUEUE)
    app.cli.add_command(commands.jobs)


def connect_celery(app: Application) -> Workers:
    """Return Celery's workers. Celery is an extra, so it is imported only where it is wanted."""
    try:
        module = import_module("app.jobs.celery")
    except ModuleNotFoundError as error:
        raise SettingRefused(
            f"CELERY_BROKER_URL is set and {error.name} is not installed. Run "
            "`pip install --require-hashes -r requirements-celery.txt`, or leave the setting out."
        ) from error
    return cast(Workers, module.CeleryWorkers(app))
