"""The page on which users see the security events of their account."""

from app.activity.views import blueprint
from app.application import Application


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
