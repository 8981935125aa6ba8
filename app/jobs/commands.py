"""`flask jobs …`: run, list and retry background work, and list the schedules."""

import signal
from collections import Counter
from datetime import datetime
from threading import Event

import click
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.database import db
from app.database.commands import Commands
from app.jobs.later import QUEUE
from app.jobs.queue import Queue, queues
from app.jobs.queued import GIVEN_UP, WAITING
from app.jobs.schedules import last_queued, queue_due_jobs
from app.jobs.schedules import schedules as all_schedules
from app.unit_of_work import unit_of_work

MAX_LISTED = 100

jobs = Commands("jobs", help="Run, list and retry background jobs, and list the schedules.")
state_option = click.option("--state", help="One of: waiting, given-up, and done or sent.")
id_argument = click.argument("row_id", metavar="ID", type=int, required=False)
all_option = click.option("--all", "retry_all", is_flag=True, help="All that were given up.")


@jobs.command()
@click.option("--loop", is_flag=True, help="Keep running, and repeat every JOB_SWEEP_INTERVAL.")
def run(loop: bool) -> None:
    """Queue what is scheduled, and process all due jobs and emails.

    Once for cron, with --loop until it is stopped.

    On SIGTERM or SIGINT, the loop ends after the current row.
    """
    stop = stop_on_signal() if loop else Event()
    while True:
        queue_due_jobs()
        for queue in queues.items():
            process_due(queue, stop)
        pause = current_app.config["JOB_SWEEP_INTERVAL"].total_seconds()
        if not loop or stop.wait(pause):
            return


@jobs.command("list")
@state_option
def list_(state: str | None) -> None:
    """List the stored jobs, newest first."""
    echo_rows(QUEUE, state)


@jobs.command()
@id_argument
@all_option
def retry(row_id: int | None, retry_all: bool) -> None:
    """Retry a job that was given up."""
    retry_given_up(QUEUE, row_id, retry_all=retry_all)


@jobs.command()
def schedules() -> None:
    """List the schedules: name, cron expression, last and next run (in UTC)."""
    last = last_queued()
    for schedule in sorted(all_schedules, key=lambda schedule: schedule.name):
        ran_at = last.get(schedule.name)
        click.echo(
            f"{schedule.name}  {schedule.expression}  {schedule.time_zone}  "
            f"last {format_time(ran_at) if ran_at else 'never'}  "
            f"next {schedule.refusal() or format_time(schedule.following(now()))}"
        )


def format_time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def process_due(queue: Queue, stop: Event) -> None:
    """Process all due rows, and print how many ended in which state."""
    ended: Counter[str] = Counter()
    while not stop.is_set() and (state := queue.process_next()) is not None:
        ended[state] += 1
    for state, count in ended.items():
        click.echo(f"{queue.name}: {count} {'postponed' if state == WAITING else state}")


def echo_rows(queue: Queue, state: str | None) -> None:
    model = queue.model
    states = (WAITING, model.DONE, GIVEN_UP)
    if state is not None and state not in states:
        raise click.BadParameter(f"Choose one of {', '.join(states)}.", param_hint="--state")
    rows = select(model).order_by(model.id.desc()).limit(MAX_LISTED)
    for row in db.session.scalars(rows.where(model.state == state) if state else rows):
        click.echo(
            f"{row.id:>6}  {format_time(row.created_at)}  {row.state:<8}  "
            f"attempts {row.attempts}  {row.title}  {row.last_error}".rstrip()
        )


def retry_given_up(queue: Queue, row_id: int | None, *, retry_all: bool) -> None:
    if (row_id is None) != retry_all:
        raise click.UsageError("Pass either an ID or --all.")
    with unit_of_work():
        count = queue.retry(row_id)
    if row_id is not None and not count:
        raise click.ClickException(f"{row_id} was not given up, so there is nothing to retry.")
    click.echo(f"{count} will be retried at the next sweep, or now with `flask jobs run`.")


def stop_on_signal() -> Event:
    stop = Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *received: stop.set())
    return stop
