"""Metrics for Prometheus."""

from collections.abc import Iterator

from app.application import Application
from app.checks import Finding, setting_checks, warning
from app.monitoring import measuring, views
from app.monitoring.settings import Settings

SETTINGS = Settings


def init_app(app: Application) -> None:
    measuring.init_app(app)
    app.register_blueprint(views.blueprint)
    setting_checks.add(app, check_token)


def check_token(app: Application) -> Iterator[Finding]:
    if not app.config["METRICS_TOKEN"]:
        yield warning("METRICS_TOKEN is not set: /metrics is disabled.")
