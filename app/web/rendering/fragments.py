"""Fragments: parts of the layout that are rendered once and cached, except for a few values.

A fragment is a macro in the file of the same name in `templates/fragments/`:

    {{ fragment("theme_switch", theme, token=csrf_token(), here=current_path()) }}

Positional values belong to the cache key: the macro may use them in any way. Named values differ
for each request and are inserted into the cached text: the macro may only write them, and any
other use raises ValueInspected. A macro must not use anything else of the request, because the
next user gets the same text (tests/framework/test_fragments.py checks each file).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, NoReturn

from babel import Locale
from flask import current_app, request
from markupsafe import Markup, escape

from app.application import Application, is_static_file
from app.request_globals import g
from app.web.static_files import add_digest

FRAGMENTS = "fragments"
# More than there are combinations of languages, themes and pages. The cache is emptied then.
MAX_CACHED = 1024
# Surrounds the name of a value in a rendered macro. No template contains this character.
MARK = "\N{OBJECT REPLACEMENT CHARACTER}"
PLACEHOLDERS = re.compile(f"{MARK}(\\w+){MARK}")

Key = tuple[object, ...]


@dataclass
class FragmentCache:
    """The rendered fragments of this process as %-formats, and the endpoints that they link to."""

    formats: dict[Key, str] = field(default_factory=dict)
    # A dict, because it keeps the order.
    endpoints: dict[str, None] = field(default_factory=dict)


class ValueInspected(RuntimeError):
    """A macro used a named value, so the cached text would be wrong for other values."""


class Placeholder:
    """Takes the place of a named value while a macro is rendered. It can only be written."""

    name: str

    def __init__(self, name: str) -> None:
        self.name = name

    def __html__(self) -> str:
        return f"{MARK}{self.name}{MARK}"

    def reject(self, *args: object) -> NoReturn:
        raise ValueInspected(
            f"A fragment inspects {self.name!r}, which is inserted after it was rendered. Only "
            "write the value in the macro, or pass it without a name."
        )

    __getattr__ = __getitem__ = __call__ = __iter__ = __contains__ = __len__ = reject
    __bool__ = __int__ = __float__ = __index__ = __str__ = __format__ = __hash__ = reject
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = reject
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __rmod__ = reject
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __neg__ = __abs__ = reject


def init_app(app: Application) -> None:
    app.extensions[FRAGMENTS] = FragmentCache()
    app.url_defaults(record_endpoint)


def fragments_in(language: Locale | None) -> Callable[..., Markup]:
    """Return `fragment` of a page. The cache key contains the language and the URL prefix."""
    root = request.script_root if request else ""
    cache: FragmentCache = current_app.extensions[FRAGMENTS]
    return partial(render_fragment, cache, (language, root, url_default_values(cache)))


def url_default_values(cache: FragmentCache) -> Key:
    """Return the values that `url_defaults` functions add to the URLs in fragments.

    A product may add the language, as Flask's documentation of `url_defaults` shows. Most do not.
    """
    if OWN_URL_DEFAULTS.issuperset(chain(*current_app.url_default_functions.values())):
        return ()
    added: list[Key] = []
    for endpoint in tuple(cache.endpoints):
        values: dict[str, Any] = {}
        current_app.inject_url_defaults(endpoint, values)
        if values:
            added.append((endpoint, *values.items()))
    return tuple(added)


def record_endpoint(endpoint: str, values: dict[str, Any]) -> None:
    """Record which pages a fragment links to. The URLs of static files are always the same."""
    if g.fragment_endpoints is not None and not is_static_file(endpoint):
        g.fragment_endpoints.add(endpoint)


# They add nothing to the URL of a page.
OWN_URL_DEFAULTS = {add_digest, record_endpoint}


def render_fragment(
    cache: FragmentCache, context: Key, name: str, /, *values: object, **named: object
) -> Markup:
    """Return a fragment from the cache, with the named values inserted and escaped."""
    escaped = {name: escape(value) for name, value in named.items()}
    key = (context, name, values, *escaped)
    text = cache.formats.get(key) or render_format(cache, key, name, values, *escaped)
    return Markup(text % escaped)  # noqa: S704  # nosec B704  # escaped


def render_format(
    cache: FragmentCache, key: Key, name: str, values: tuple[object, ...], *named: str
) -> str:
    """Render a macro as a %-format, and cache it. Raises ValueInspected.

    A fragment with a link to a new endpoint is cached the next time, when the key contains what
    was added to that URL. In development, nothing is cached.
    """
    g.fragment_endpoints = set()
    try:
        module = current_app.jinja_env.get_template(f"fragments/{name}.html").make_module()
        text = str(getattr(module, name)(*values, **{it: Placeholder(it) for it in named}))
        endpoints = g.fragment_endpoints
    finally:
        g.fragment_endpoints = None
    text = PLACEHOLDERS.sub(r"%(\1)s", text.replace("%", "%%"))
    if endpoints <= cache.endpoints.keys() and not current_app.debug:
        if len(cache.formats) >= MAX_CACHED:
            cache.formats.clear()
        cache.formats[key] = text
    cache.endpoints.update(dict.fromkeys(endpoints))
    return text
