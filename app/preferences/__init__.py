"""How the site looks and speaks."""

from flask_babel import Babel, get_locale

from app.application import Application
from app.redirects import current_path

from . import choices, views

babel = Babel()


def init_app(app: Application) -> None:
    babel.init_app(app)
    app.before_request(choices.refresh)
    app.add_template_global(choices.preference)
    app.add_template_global(current_path)
    app.add_template_global(get_locale, "locale")
    app.add_template_global(text_direction)
    app.register_blueprint(views.blueprint)


def text_direction() -> str:
    """Return `ltr` or `rtl`, as the language in force is written."""
    locale = get_locale()
    return locale.text_direction if locale else "ltr"
