"""Delete rows that are no longer needed: every night, and with `flask prune`."""

import logging

import click
from flask.cli import with_appcontext

from app.database.commands import Command
from app.jobs import job, scheduled
from app.unit_of_work.batches import pruning

logger = logging.getLogger("app.jobs")


@scheduled("17 3 * * *", time_zone="UTC")
@job
def prune() -> None:
    """Delete all kinds of such rows. If one kind fails, the others are deleted anyway."""
    failures = []
    for label, remove in pruning.items():
        try:
            logger.info("pruned", extra={"facts": {"kind": label, "rows": remove()}})
        except Exception as error:
            failures.append(error)
    if failures:
        raise ExceptionGroup("some rows were not deleted", failures)


@click.command("prune", cls=Command)
@click.argument("kinds", nargs=-1)
@with_appcontext
def prune_command(kinds: tuple[str, ...]) -> None:
    """Delete rows that are no longer needed now, instead of in the night.

    KINDS are labels of the output, such as "security events". The default is all of them.
    """
    labels = {label for label, _ in pruning.items()}
    if unknown := set(kinds) - labels:
        raise click.BadParameter(f"{', '.join(unknown)}. Known are: {', '.join(sorted(labels))}.")
    for label, remove in pruning.items():
        if label in (kinds or labels):
            click.echo(f"{label}: {remove()}")
