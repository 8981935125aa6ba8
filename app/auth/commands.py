"""`flask auth prune`."""

import click

from app.auth.known_devices import prune_known_devices
from app.auth.throttle import prune_attempts
from app.database.commands import Commands

auth = Commands("auth", help="Maintain the counters of sign-in attempts.")


@auth.command()
def prune() -> None:
    """Delete expired counters of attempts and expired known devices; run it once a day."""
    attempts, devices = prune_attempts(), prune_known_devices()
    click.echo(f"Deleted: counters of attempts {attempts}, devices {devices}.")
