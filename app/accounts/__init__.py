"""The paperwork of an account."""

from app.application import Application

from . import views


def init_app(app: Application) -> None:
    app.register_blueprint(views.blueprint)
