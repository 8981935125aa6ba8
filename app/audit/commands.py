"""`flask audit prune`."""

import click

from app.audit.pruning import prune_events
from app.database.commands import Commands

audit = Commands("audit", help="Look after the record of security events.")


@audit.command()
def prune() -> None:
    """Forget events older than AUDIT_RETENTION; run it once a day."""
    click.echo(f"{prune_events()} security events were older than AUDIT_RETENTION and are gone.")
