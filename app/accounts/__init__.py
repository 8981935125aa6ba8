"""The paperwork of an account."""

from app.accounts import views
from app.application import Application


def init_app(app: Application) -> None:
    app.register_blueprint(views.blueprint)
