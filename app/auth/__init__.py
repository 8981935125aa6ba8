"""Signing in and out, reauthentication, and throttling of password guesses."""

from app.application import Application
from app.auth import responses, views
from app.auth.known_devices import prune_devices
from app.auth.throttle import prune_attempts
from app.unit_of_work.batches import pruning


def init_app(app: Application) -> None:
    responses.init_app(app)
    app.register_blueprint(views.blueprint)
    pruning.add(app, ("counted attempts", prune_attempts))
    pruning.add(app, ("known devices", prune_devices))
