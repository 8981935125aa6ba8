"""`flask auth prune`."""

import click

from app.auth.known_devices import prune_devices
from app.auth.throttle import prune_attempts
from app.database.commands import Commands

auth = Commands("auth", help="Look after what slows down guessing.")


@auth.command()
def prune() -> None:
    """Forget tries that no longer count and devices nobody uses; run it once a day."""
    click.echo(f"{prune_attempts()} counters of tries and {prune_devices()} devices were removed.")
