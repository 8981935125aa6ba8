"""Users: accounts, email addresses and passwords."""

import click

from app.application import Application, ExtensionPoint
from app.unit_of_work.batches import pruning
from app.users.models import User as User
from app.users.scheduled_deletions import prune_accounts

# Commands that other parts add to `flask users` (app/cli/users.py).
user_commands: ExtensionPoint[click.Command] = ExtensionPoint("user_commands")


def init_app(app: Application) -> None:
    pruning.add(app, ("deleted accounts", prune_accounts))
