"""The term of a search box, components/search_box.html."""

from flask import request

from app.application import Application
from app.web.redirects import path_with

# Characters.
MAX_TERM_LENGTH = 100


def init_app(app: Application) -> None:
    app.add_template_global(path_with)
    app.jinja_env.globals["MAX_TERM_LENGTH"] = MAX_TERM_LENGTH


def search_term(name: str = "q") -> str:
    """Return what the user searches for, or an empty text."""
    return request.args.get(name, "")[:MAX_TERM_LENGTH].strip()
