"""The interface between queues and what processes them, such as threads of this process.

A worker is only notified of the name of a queue. The row in the database is the job, so a
notification that is lost, late or sent twice does no harm: a later sweep finds the row.
"""

from typing import Protocol, cast

from app.application import Application


class Workers(Protocol):
    def wake(self, queue: str) -> None:
        """Process a queue soon. Must not wait for the work itself."""

    def start(self) -> None:
        """Process every queue, for rows that an earlier process left behind."""


def use_workers(app: Application, workers: Workers) -> None:
    """Let these process the queues, instead of those of an earlier call."""
    app.extensions["workers"] = workers


def workers(app: Application) -> Workers:
    return cast(Workers, app.extensions["workers"])


def resume_pending(app: Application) -> None:
    """Process the rows that an earlier process left behind.

    A failure is logged and does not stop the start: the next sweep finds the rows.
    """
    with app.app_context():
        try:
            workers(app).start()
        except Exception:
            app.logger.exception("pending rows wait for the next sweep")
