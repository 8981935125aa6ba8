"""Commands that use several parts: `flask users` and `flask prune`."""

from app.application import Application
from app.cli import users
from app.cli.prune import prune_command


def init_app(app: Application) -> None:
    users.init_app(app)
    app.cli.add_command(prune_command)
