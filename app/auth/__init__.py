"""The doorway."""

from app.application import Application
from app.auth import challenges, commands, known_devices, views


def init_app(app: Application) -> None:
    challenges.init_app(app)
    known_devices.init_app(app)
    app.register_blueprint(views.blueprint)
    app.cli.users.users.add_command(commands.auth)
