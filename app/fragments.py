"""What stands on every page and reads the same for everybody, but for a few values.

A fragment is a macro in a file of its name, in `templates/fragments/`:

    {{ fragment("theme_switch", theme, token=csrf_token(), here=current_path()) }}

It is written once a process for each language and each set of the values that stand alone. Those
with a name are put in each time; the macro may write them and not look at them. It may look at
nothing of the request: whoever comes next is shown the same. tests/test_fragments.py reads each.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial

from babel import Locale
from flask import current_app, request
from flask_babel import get_locale
from markupsafe import Markup, escape

from app.application import Application

FRAGMENTS = "fragments"
# What a named value is while a fragment is written: nothing that anybody writes in a template.
PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
PLACES = re.compile(f"{PLACE}(\\w+){PLACE}")


def init_app(app: Application) -> None:
    # While somebody works on the templates, they are read each time.
    app.extensions[FRAGMENTS] = write if app.debug else lru_cache(maxsize=1024)(write)
    app.context_processor(begin_page)


def begin_page() -> dict[str, object]:
    """Give a template a `fragment` that knows the language and where the site is mounted."""
    root = request.script_root if request else ""
    written = partial(current_app.extensions[FRAGMENTS], get_locale(), root)
    return {"fragment": partial(fill_in, written)}


def fill_in(written: Callable[..., str], name: str, *values: object, **named: object) -> Markup:
    """Return a fragment with the named values in their places."""
    safe = {place: escape(value) for place, value in named.items()}
    return Markup(written(name, values, *safe) % safe)  # noqa: S704  # nosec B704  # escaped


def write(language: Locale, root: str, name: str, values: tuple[object, ...], *places: str) -> str:
    """Write a fragment as a %-format. Language and root only tell one writing from another."""
    module = current_app.jinja_env.get_template(f"fragments/{name}.html").make_module()
    left_open = {place: Markup(f"{PLACE}{place}{PLACE}") for place in places}  # noqa: S704  # nosec B704  # a name
    text = str(getattr(module, name)(*values, **left_open))
    return PLACES.sub(r"%(\1)s", text.replace("%", "%%"))
