"""Home, and where your product starts."""

from flask_bootstrap import Bootstrap5

from app.application import Application
from app.pages import views

bootstrap = Bootstrap5()


def init_app(app: Application) -> None:
    # No CDN: the site works offline and under its own content security policy.
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    bootstrap.init_app(app)
    app.register_blueprint(views.blueprint)
