"""What stands on every page and says the same to everybody who reads the same language.

A fragment is a macro in a file of its name, in `templates/fragments/`. It is written once a
process for each language and for each set of values it is given:

    {{ fragment("theme_buttons", theme) }}

So it may look at its values alone, and at nothing of the request: whoever comes next is shown the
same. tests/test_fragments.py reads each of them for that.
"""

from functools import lru_cache, partial

from babel import Locale
from flask import current_app, request
from flask_babel import get_locale
from markupsafe import Markup

from app.application import Application

FRAGMENTS = "fragments"


def init_app(app: Application) -> None:
    # While somebody works on the templates, they are read each time.
    app.extensions[FRAGMENTS] = write if app.debug else lru_cache(maxsize=1024)(write)
    app.context_processor(begin_page)


def begin_page() -> dict[str, object]:
    """Give a template a `fragment` that knows the language and where the site is mounted."""
    root = request.script_root if request else ""
    return {"fragment": partial(current_app.extensions[FRAGMENTS], get_locale(), root)}


def write(language: Locale, root: str, name: str, *values: str | bool) -> Markup:
    """Write it. The language and the root of all addresses only tell one writing from another."""
    module = current_app.jinja_env.get_template(f"fragments/{name}.html").module
    text: Markup = getattr(module, name)(*values)
    return text
