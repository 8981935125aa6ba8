"""Commands that use several parts: `flask users` and `flask prune`."""

from app.application import Application
from app.cli import users as users_commands
from app.cli.prune import prune_command


def init_app(app: Application) -> None:
    app.cli.add_command(users_commands.users)
    app.cli.add_command(prune_command)
