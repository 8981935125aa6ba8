"""Accounts: registration, password reset, change of email address and deletion."""

from app.accounts import (
    email_change_views,  # noqa: F401  # adds its routes to the blueprint
    ended_logins,
    notices,
    password_reset_views,  # noqa: F401  # as above
    registration_views,  # noqa: F401  # as above
    views,
)
from app.accounts.links import kept_purposes, prune_links
from app.accounts.models import KEEP_EMAIL
from app.application import Application
from app.unit_of_work.batches import pruning


def init_app(app: Application) -> None:
    notices.init_app(app)
    ended_logins.init_app(app)
    app.register_blueprint(views.blueprint)
    kept_purposes.add(app, KEEP_EMAIL)
    pruning.add(app, ("mailed links", prune_links))
