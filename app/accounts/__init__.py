"""The paperwork of an account."""

from app.accounts import link_views, views
from app.application import Application


def init_app(app: Application) -> None:
    app.register_blueprint(link_views.blueprint)
