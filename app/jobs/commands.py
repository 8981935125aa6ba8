"""`flask jobs …`: work in the background, as an operator sees it."""

import signal
from collections import Counter
from threading import Event

import click
from flask import current_app
from sqlalchemy import select

from app.commands import Commands
from app.database import db
from app.jobs.background import queues, this_app
from app.jobs.later import QUEUE
from app.jobs.queue import Queue
from app.jobs.queued import GIVEN_UP, WAITING
from app.unit_of_work import unit_of_work

MOST_LISTED = 100

jobs = Commands("jobs", help="Run, list and retry what is done in the background.")
state_option = click.option("--state", help="Only those: waiting, given-up, and done or sent.")
id_argument = click.argument("row_id", metavar="ID", type=int, required=False)
all_option = click.option("--all", "all_of_them", is_flag=True, help="All that were given up.")


@jobs.command()
@click.option("--loop", is_flag=True, help="Go on, and look again every JOB_SWEEP_INTERVAL.")
def run(loop: bool) -> None:
    """Do what is due, jobs and mails: once for cron, with --loop for systemd.

    Told to stop (SIGTERM, SIGINT), the loop ends after the row it is at.
    """
    stop = stop_when_told() if loop else Event()
    while True:
        for queue in queues(this_app()).values():
            work_off(queue, stop)
        pause = current_app.config["JOB_SWEEP_INTERVAL"].total_seconds()
        if not loop or stop.wait(pause):
            return


@jobs.command("list")
@state_option
def list_(state: str | None) -> None:
    """Show the jobs on record, newest first."""
    echo_rows(QUEUE, state)


@jobs.command()
@id_argument
@all_option
def retry(row_id: int | None, all_of_them: bool) -> None:
    """Let a job that was given up be tried anew."""
    retry_given_up(QUEUE, row_id, all_of_them=all_of_them)


def work_off(queue: Queue, stop: Event) -> None:
    """Do all that is due, and say what became of it."""
    ended: Counter[str] = Counter()
    while not stop.is_set() and (state := queue.work_next()) is not None:
        ended[state] += 1
    for state, count in ended.items():
        click.echo(f"{queue.name}: {count} {'put off' if state == WAITING else state}")


def echo_rows(queue: Queue, state: str | None) -> None:
    model = queue.model
    states = (WAITING, model.DONE, GIVEN_UP)
    if state is not None and state not in states:
        raise click.BadParameter(f"Choose one of {', '.join(states)}.", param_hint="--state")
    rows = select(model).order_by(model.id.desc()).limit(MOST_LISTED)
    for row in db.session.scalars(rows.where(model.state == state) if state else rows):
        click.echo(
            f"{row.id:>6}  {row.created_at:%Y-%m-%d %H:%M}  {row.state:<8}  "
            f"tried {row.attempts}  {row.title}  {row.last_error}".rstrip()
        )


def retry_given_up(queue: Queue, row_id: int | None, *, all_of_them: bool) -> None:
    if (row_id is None) != all_of_them:
        raise click.UsageError("Say which one by its ID, or --all.")
    with unit_of_work():
        count = queue.retry(row_id)
    if row_id is not None and not count:
        raise click.ClickException(f"{row_id} was not given up, so there is nothing to retry.")
    click.echo(f"{count} will be tried again at the next sweep, or now by `flask jobs run`.")


def stop_when_told() -> Event:
    stop = Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *about: stop.set())
    return stop
