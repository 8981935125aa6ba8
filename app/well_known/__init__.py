"""URLs that programs request by convention."""

from app.application import Application
from app.well_known.views import blueprint


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
