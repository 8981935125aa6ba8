"""More than one language: the choice between them, and their menu in the navigation."""

from app.application import Application
from app.languages.negotiation import choose_locale
from app.preferences.locales import LOCALES
from app.preferences.localization import locale_source


def init_app(app: Application) -> None:
    locale_source.add(app, choose_locale)
    app.jinja_env.globals["LOCALES"] = LOCALES
