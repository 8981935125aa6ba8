"""Report errors to Sentry, if SENTRY_DSN is set."""

from app.sentry.reporting import init_app
from app.sentry.settings import Settings

__all__ = ["SETTINGS", "init_app"]

SETTINGS = Settings
