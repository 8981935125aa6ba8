"""Preferences of visitors and users: theme, time zone, page size and others."""

from app.application import Application
from app.preferences import choices, localization, views
from app.preferences.definitions import PREFERENCES, Preference, declared_preferences
from app.preferences.forms import declare_form
from app.web.pagination import page_size_source
from app.web.redirects import current_path


def init_app(app: Application) -> None:
    localization.init_app(app)
    app.before_request(choices.refresh_cache)
    app.add_template_global(choices.preference)
    app.add_template_global(current_path)
    page_size_source.add(app, lambda: int(choices.preference("page_size")))
    app.register_blueprint(views.blueprint)
    add_preferences(app, *PREFERENCES.values())


def add_preferences(app: Application, *preferences: Preference) -> None:
    """Offer preferences of a part or a product, after those added before."""
    declared_preferences.add(app, *preferences)
    declare_form(app)
