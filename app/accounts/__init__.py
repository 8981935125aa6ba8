"""The paperwork of an account."""

from app.accounts import notices, pending
from app.accounts.link_views import blueprint
from app.application import Application


def init_app(app: Application) -> None:
    notices.init_app(app)
    pending.init_app(app)
    app.register_blueprint(blueprint)
