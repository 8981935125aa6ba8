"""Login sessions: a user signed in on one device."""

from app.application import Application
from app.sessions import commands, cookies, current, guards, views


def init_app(app: Application) -> None:
    cookies.init_app(app)
    current.init_app(app)
    guards.init_app(app)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(commands.sessions)
