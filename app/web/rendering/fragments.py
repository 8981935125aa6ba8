"""What stands on every page and reads the same for everybody, but for a few values.

A fragment is a macro in a file of its name, in `templates/fragments/`:

    {{ fragment("theme_switch", theme, token=csrf_token(), here=current_path()) }}

It is written once a process for each language, each set of the values that stand alone, and what
functions of `url_defaults` add to its addresses. Those with a name are put in each time; the macro
may write them, and raises ValueInspected where it looks at them. It may look at nothing of the
request: whoever comes next is shown the same. tests/framework/test_fragments.py reads each.
"""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from flask import current_app, request
from flask_babel import get_locale
from markupsafe import Markup, escape

from app.application import Application, is_static_file
from app.request_globals import g

FRAGMENTS = "fragments"
# More than languages, themes and pages make. All are written anew then.
MOST = 1024
# What a named value is while a fragment is written: nothing that anybody writes in a template.
PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
PLACES = re.compile(f"{PLACE}(\\w+){PLACE}")

Key = tuple[object, ...]


@dataclass
class Fragments:
    """What this process has written, as %-formats, and the pages to which it leads."""

    texts: dict[Key, str] = field(default_factory=dict)
    led_to: dict[str, None] = field(default_factory=dict)


class ValueInspected(RuntimeError):
    """A macro looked at a value that is put in afterwards, and so would say the same of any."""


class Place:
    """Stands for a named value while a fragment is written; it can be written, and that is all."""

    name: str

    def __init__(self, name: str) -> None:
        self.name = name

    def __html__(self) -> str:
        return f"{PLACE}{self.name}{PLACE}"

    def refuse(self, *given: object) -> NoReturn:
        raise ValueInspected(
            f"A fragment looks at {self.name!r}, which is put in each time and not known when the "
            "fragment is written. Let the macro only write it, or give it without a name."
        )

    __getattr__ = __getitem__ = __call__ = __iter__ = __contains__ = __len__ = refuse
    __bool__ = __int__ = __float__ = __index__ = __str__ = __format__ = __hash__ = refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __rmod__ = refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __neg__ = __abs__ = refuse


def init_app(app: Application) -> None:
    app.extensions[FRAGMENTS] = Fragments()
    app.url_defaults(note_endpoint)
    app.context_processor(fragment_context)


def fragment_context() -> dict[str, object]:
    """Give a template a `fragment` that knows the language and where the site is mounted."""
    root = request.script_root if request else ""
    return {"fragment": partial(render_fragment, (get_locale(), root, added_to_addresses()))}


def added_to_addresses() -> Key:
    """Return what makes the addresses in fragments differ from one request to another.

    A product may have the language in them, as Flask's documentation of `url_defaults` shows.
    """
    added: list[Key] = []
    for endpoint in tuple(current_app.extensions[FRAGMENTS].led_to):
        values: dict[str, Any] = {}
        current_app.inject_url_defaults(endpoint, values)
        if values:
            added.append((endpoint, *values.items()))
    return tuple(added)


def note_endpoint(endpoint: str, values: dict[str, Any]) -> None:
    """Note to which pages a fragment leads; files have one address."""
    if g.fragment_endpoints is not None and not is_static_file(endpoint):
        g.fragment_endpoints.add(endpoint)


def render_fragment(about: Key, name: str, /, *values: object, **named: object) -> Markup:
    """Return a fragment with the named values in their places."""
    safe = {place: escape(value) for place, value in named.items()}
    fragments: Fragments = current_app.extensions[FRAGMENTS]
    key = (about, name, values, *safe)
    text = fragments.texts.get(key) or render_format(fragments, key, name, values, *safe)
    return Markup(text % safe)  # noqa: S704  # nosec B704  # escaped


def render_format(
    fragments: Fragments, key: Key, name: str, values: tuple[object, ...], *places: str
) -> str:
    """Write a fragment as a %-format, and keep it. Raises ValueInspected.

    Where it leads to a page that was not known yet, it is kept from the next time on: the key does
    not say what was added to that address. In development, templates are read each time.
    """
    g.fragment_endpoints = set()
    try:
        module = current_app.jinja_env.get_template(f"fragments/{name}.html").make_module()
        text = str(getattr(module, name)(*values, **{place: Place(place) for place in places}))
        led_to = g.fragment_endpoints
    finally:
        g.fragment_endpoints = None
    text = PLACES.sub(r"%(\1)s", text.replace("%", "%%"))
    if led_to <= fragments.led_to.keys() and not current_app.debug:
        if len(fragments.texts) >= MOST:
            fragments.texts.clear()
        fragments.texts[key] = text
    fragments.led_to.update(dict.fromkeys(led_to))
    return text
