"""Signing in and out, reauthentication, and throttling of password guesses."""

from app.application import Application
from app.auth import challenges, commands, views


def init_app(app: Application) -> None:
    challenges.init_app(app)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(commands.auth)
