"""Hand work to whoever does it in the background: threads of this process, or Celery.

What is handed over is only a nudge. The row is in the database, so a nudge that is lost, doubled
or late loses nothing: whoever looks next finds the row.
"""

from typing import TYPE_CHECKING, Protocol, cast

from flask import current_app

from app.application import Application

if TYPE_CHECKING:
    from app.jobs.queue import Queue


class Workers(Protocol):
    def wake(self, queue: str) -> None:
        """Have somebody look into a queue soon."""

    def start(self) -> None:
        """Look into every queue, for what an earlier process left behind."""


def register(app: Application, queue: "Queue") -> None:
    """Have a queue of this application worked off in the background."""
    queues(app)[queue.name] = queue


def queues(app: Application) -> "dict[str, Queue]":
    return cast("dict[str, Queue]", app.extensions.setdefault("queues", {}))


def wake(queue: str) -> None:
    """Have somebody look into a queue soon; nothing happens where nobody works it off."""
    app = this_app()
    if queue in queues(app):
        workers(app).wake(queue)


def take_up(app: Application) -> None:
    """Have what an earlier process left looked into. A broker that is away stops no start."""
    with app.app_context():
        try:
            workers(app).start()
        except Exception:
            app.logger.exception("what was left by an earlier process waits for the next sweep")


def workers(app: Application) -> Workers:
    return cast(Workers, app.extensions["workers"])


def answer(queue: str) -> None:
    """Answer a nudge: work off one row, and nudge again in case there are more.

    One at a time, so that many slow mails do not keep a job waiting.
    """
    if queues(this_app())[queue].work_next() is not None:
        wake(queue)


def this_app() -> Application:
    return cast(Application, current_app)
