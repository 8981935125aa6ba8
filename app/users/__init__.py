"""Who somebody is."""

from app.application import Application
from app.users.models import User as User


def init_app(app: Application) -> None:
    """Have the table known; nothing else of a person needs wiring."""
