"""Health checks, metrics for Prometheus, and error reports to Sentry."""

from app.application import Application
from app.monitoring import measuring, sentry, views


def init_app(app: Application) -> None:
    sentry.init_app(app)
    measuring.init_app(app)
    app.register_blueprint(views.blueprint)
