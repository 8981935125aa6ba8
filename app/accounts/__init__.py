"""The paperwork of an account."""

from app.accounts import notices, pending
from app.accounts.link_views import blueprint
from app.accounts.pruning import prune_exports, prune_links
from app.application import Application
from app.unit_of_work.batches import pruning


def init_app(app: Application) -> None:
    notices.init_app(app)
    pending.init_app(app)
    app.register_blueprint(blueprint)
    pruning.add(app, ("mailed links", prune_links))
    pruning.add(app, ("copies of data", prune_exports))
