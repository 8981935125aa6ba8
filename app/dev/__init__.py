"""What only development has. In production none of its addresses exists, and `seed` asks twice."""

from importlib import import_module

from app.application import Application

from . import seeding


def init_app(app: Application) -> None:
    if app.debug:
        app.register_blueprint(import_module("app.dev.views").blueprint)
    app.cli.add_command(seeding.seed)
