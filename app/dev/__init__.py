"""What only development has. In production none of its addresses exists, and `seed` asks twice."""

from app.application import Application

from . import seeding, views


def init_app(app: Application) -> None:
    if app.debug:
        app.register_blueprint(views.blueprint)
    app.cli.add_command(seeding.seed)
