"""The home page. The pages of your product begin here."""

from flask import Blueprint

from app.application import Application
from app.pages import views

# Only the files of Bootstrap-Flask, and not from a CDN: the Content-Security-Policy allows only
# files of this site. Its extension adds names to every template, which no page here uses.
bootstrap = Blueprint(
    "bootstrap",
    "flask_bootstrap",
    static_folder="static/bootstrap5",
    static_url_path="/bootstrap/static",
)


def init_app(app: Application) -> None:
    app.register_blueprint(bootstrap)
    app.register_blueprint(views.blueprint)
