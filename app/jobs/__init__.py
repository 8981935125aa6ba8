"""Background jobs: `run_later()` stores a call, and a worker runs it after the commit.

`@scheduled` queues a job at the times of a cron expression.
"""

from app.application import Application
from app.checks import connection_checks, setting_checks
from app.jobs.checks import check_schedules, check_sweep
from app.jobs.commands import jobs
from app.jobs.later import QUEUE, job, run_later
from app.jobs.queue import prune_finished, queues
from app.jobs.schedules import prune_runs, scheduled
from app.jobs.threads import Threads
from app.jobs.workers import use_workers
from app.unit_of_work.batches import pruning

__all__ = ["job", "run_later", "scheduled"]


def init_app(app: Application) -> None:
    use_workers(app, Threads(app))
    queues.add(app, QUEUE)
    app.cli.add_command(jobs)
    setting_checks.add(app, check_schedules)
    connection_checks.add(app, check_sweep)
    pruning.add(app, ("sent mails and done jobs", prune_finished))
    pruning.add(app, ("runs of schedules", prune_runs))
