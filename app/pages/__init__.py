"""The home page. The pages of your product begin here."""

from flask_bootstrap import Bootstrap5

from app.application import Application
from app.pages import views

bootstrap = Bootstrap5()


def init_app(app: Application) -> None:
    # Not from a CDN: the Content-Security-Policy allows only files of this site.
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    bootstrap.init_app(app)
    app.register_blueprint(views.blueprint)
