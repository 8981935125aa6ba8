"""The doorway."""

from app.application import Application
from app.auth import asking, views


def init_app(app: Application) -> None:
    asking.init_app(app)
    app.register_blueprint(views.blueprint)
