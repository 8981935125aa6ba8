"""The page on which users see the security events of their account."""

from app.activity.views import blueprint
from app.application import Application
from app.web.rendering import slots


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    slots.add_to_slot(app, "account_data", "activity/components/account.html")
