"""Users: accounts, email addresses and passwords."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import click

from app.application import Application, ExtensionPoint
from app.unit_of_work.batches import pruning
from app.users.models import User as User
from app.users.scheduled_deletions import prune_accounts

# Commands that other parts add to `flask users` (app/cli/users.py).
user_commands: ExtensionPoint[click.Command] = ExtensionPoint("user_commands")


class NewUserOption(NamedTuple):
    """An option of `flask users create`, and what it does in the unit of work that creates."""

    option: click.Option
    apply: Callable[[User, Any], None]


# Options that other parts add to `flask users create` ...
new_user_options: ExtensionPoint[NewUserOption] = ExtensionPoint("new_user_options")
# ... and functions that yield what `make run` says about the first users (app/cli/welcome.py).
first_steps_hints: ExtensionPoint[Callable[[], Iterable[str]]] = ExtensionPoint(
    "first_steps_hints"
)


def init_app(app: Application) -> None:
    pruning.add(app, ("deleted accounts", prune_accounts))
