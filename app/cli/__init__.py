"""Commands that use several parts: `flask users` and `flask prune`."""

from app.application import Application
from app.cli import users
from app.cli.prune import prune


def init_app(app: Application) -> None:
    users.init_app(app)
    app.cli.add_command(prune)
