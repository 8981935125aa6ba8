"""Commands that use several parts: `flask users` and `flask prune`."""

from app.application import Application
from app.cli.prune import prune_command
from app.cli.users import users
from app.users import user_commands


def init_app(app: Application) -> None:
    for command in user_commands.items(app):
        users.add_command(command)
    app.cli.add_command(users)
    app.cli.add_command(prune_command)
