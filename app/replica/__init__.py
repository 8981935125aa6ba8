"""Read from a replica of the database, if DATABASE_REPLICA_URL is set."""

from app.replica.routing import init_app
from app.replica.settings import Settings

__all__ = ["SETTINGS", "init_app"]

SETTINGS = Settings
