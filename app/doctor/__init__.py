"""Is everything right that has to be before and while the site is served."""

from app.application import Application
from app.doctor.commands import doctor


def init_app(app: Application) -> None:
    app.cli.add_command(doctor)
