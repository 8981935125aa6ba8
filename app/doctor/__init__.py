"""Check settings and connections: `flask doctor`, the start of the site, /healthz and /readyz."""

from app.application import Application
from app.doctor import views
from app.doctor.commands import doctor


def init_app(app: Application) -> None:
    app.cli.add_command(doctor)
    app.register_blueprint(views.blueprint)
