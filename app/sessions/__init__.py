"""Login sessions: a user signed in on one device."""

from app.application import Application
from app.sessions import cookies, current, guards, views
from app.sessions.logins import prune_logins
from app.unit_of_work.batches import pruning


def init_app(app: Application) -> None:
    cookies.init_app(app)
    current.init_app(app)
    guards.init_app(app)
    app.register_blueprint(views.blueprint)
    pruning.add(app, ("logins that have ended", prune_logins))
