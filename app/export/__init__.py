"""Export: users download a copy of all data in their account (GDPR, articles 15 and 20)."""

from app.application import Application
from app.audit.actions import action_kinds
from app.export import ended_logins
from app.export.actions import DATA_DOWNLOADED
from app.export.archive import prune_exports
from app.export.settings import Settings
from app.export.views import blueprint
from app.unit_of_work.batches import pruning
from app.web.rendering import slots

SETTINGS = Settings


def init_app(app: Application) -> None:
    ended_logins.init_app(app)
    app.register_blueprint(blueprint)
    action_kinds.add(app, DATA_DOWNLOADED)
    pruning.add(app, ("copies of data", prune_exports))
    slots.add_to_slot(app, "account_data", "export/components/account.html")
