"""`flask prune`: remove for good what is no longer needed, and say how much it was."""

from collections.abc import Callable

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts.export import prune_exports
from app.accounts.links import prune_links
from app.application import this_app
from app.audit.pruning import prune_events
from app.auth.known_devices import prune_devices
from app.auth.throttle import prune_attempts
from app.database.commands import Command
from app.jobs.queue import queues
from app.mail.outbox import delete_mails_to
from app.sessions.logins import prune_logins
from app.unit_of_work.batches import in_batches
from app.users.deletions import delete_due_accounts
from app.web.rate_limits import prune_windows


def prune_people() -> int:
    """Remove the people whose time to change their mind is over, and what was mailed to them."""
    return in_batches(remove_people)


def remove_people(most: int) -> int:
    people = delete_due_accounts(most)
    delete_mails_to(people)
    return len(people)


def prune_work() -> int:
    """Remove sent mails and done jobs that nobody will ask about any more."""
    return sum(queue.prune() for queue in queues(this_app()).values())


# What is removed, and how. A new table of yours that grows belongs here; a part that may be left
# out adds its own in `init_app`, to app.extensions["pruned"].
PRUNED: dict[str, Callable[[], int]] = {
    "people deleted for good": prune_people,
    "logins that have ended": prune_logins,
    "mailed links": prune_links,
    "copies of data": prune_exports,
    "security events": prune_events,
    "counted tries": prune_attempts,
    "known devices": prune_devices,
    "windows of rate limits": prune_windows,
    "sent mails and done jobs": prune_work,
}


@click.command("prune", cls=Command)
@with_appcontext
def prune() -> None:
    """Remove what is no longer needed; run it once a day."""
    for what, remove in (PRUNED | current_app.extensions.get("pruned", {})).items():
        click.echo(f"{what}: {remove()}")
