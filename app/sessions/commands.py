"""`flask sessions prune`."""

import click

from app.database.commands import Commands
from app.sessions.logins import prune_logins

sessions = Commands("sessions", help="Look after the records of who is signed in.")


@sessions.command()
def prune() -> None:
    """Remove the records of logins that have ended; run it once a day."""
    click.echo(f"{prune_logins()} ended logins were removed.")
