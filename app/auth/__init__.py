"""The doorway."""

from app.application import Application
from app.auth import asking, commands, known_devices, views


def init_app(app: Application) -> None:
    asking.init_app(app)
    known_devices.init_app(app)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(commands.auth)
