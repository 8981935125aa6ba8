"""URLs that programs request by convention."""

from app.application import Application
from app.well_known.settings import Settings
from app.well_known.views import blueprint

SETTINGS = Settings


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
