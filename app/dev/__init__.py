"""What only development has. In production none of its addresses exists."""

from app.application import Application

from . import views


def init_app(app: Application) -> None:
    if app.debug:
        app.register_blueprint(views.blueprint)
