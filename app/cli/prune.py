"""`flask prune`: delete rows that are no longer needed, and print how many."""

import click
from flask.cli import with_appcontext

from app.database.commands import Command
from app.unit_of_work.batches import pruning


@click.command("prune", cls=Command)
@click.argument("kinds", nargs=-1)
@with_appcontext
def prune(kinds: tuple[str, ...]) -> None:
    """Delete rows that are no longer needed; run this once a day.

    KINDS are labels of the output, such as "security events". The default is all of them.
    """
    labels = {label for label, _ in pruning.items()}
    if unknown := set(kinds) - labels:
        raise click.BadParameter(f"{', '.join(unknown)}. Known are: {', '.join(sorted(labels))}.")
    for label, remove in pruning.items():
        if label in (kinds or labels):
            click.echo(f"{label}: {remove()}")
