"""Choose the language and time zone of a request, and provide them to templates."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, negotiate_locale
from flask import has_request_context, request
from flask_babel import Babel, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.application import Application
from app.preferences.choices import preference
from app.preferences.definitions import FOLLOW_BROWSER, LOCALES
from app.request_globals import g
from app.web.i18n import translations_for

babel = Babel()
# The source language of all texts, and the default.
ENGLISH = "en"
# Enough for forty languages. Longer headers are ignored, and so not kept as keys of the cache.
MAX_ACCEPT_LANGUAGE_LENGTH = 500


def init_app(app: Application) -> None:
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_time_zone)
    app.context_processor(language_context)
    app.jinja_env.globals.update(_=translate, gettext=translate)
    app.add_template_global(get_locale, "locale")


def language_context() -> dict[str, object]:
    """Return the page's language, and a `_` bound to it: looking it up per text is slow."""
    locale = get_locale()
    translate = translator(locale)
    return {"_": translate, "gettext": translate, "page_language": page_language(locale)}


@pass_eval_context
def translate(context: EvalContext, text: str, /, **values: object) -> str:
    """Translate in a macro, which does not get the variables of the page that calls it."""
    return translator(get_locale())(context, text, **values)


@lru_cache(maxsize=32)
def translator(locale: Locale | None) -> Callable[..., str]:
    catalog = translations_for(locale)

    @pass_eval_context
    def translate(context: EvalContext, text: str, /, **values: object) -> str:
        translated: str = catalog.gettext(text)
        if context.autoescape:
            translated = Markup(translated)  # noqa: S704  # nosec B704  # from our own catalogs
        return translated % values if values or "%" in translated else translated

    return translate


def choose_locale() -> Locale | None:
    """Return the chosen language, else the best match for Accept-Language, else English."""
    if not has_request_context():
        return None
    chosen = preference("locale")
    if chosen != FOLLOW_BROWSER:
        return get_locale_for(chosen)
    g.language_negotiated = True
    asked = request.headers.get("Accept-Language", "")
    return negotiate(asked if len(asked) <= MAX_ACCEPT_LANGUAGE_LENGTH else "")


@lru_cache(maxsize=256)
def negotiate(accept_language: str) -> Locale:
    """Return the best of LOCALES for an Accept-Language header (RFC 9110, 12.5.4)."""
    accepted = parse_accept_header(accept_language, LanguageAccept)
    tags = [tag for tag, quality in accepted if quality > 0]
    return get_locale_for(negotiate_locale(tags, LOCALES, sep="-") or ENGLISH)


@lru_cache(maxsize=32)
def get_locale_for(tag: str) -> Locale:
    """Return one shared Locale per language: comparing two equal ones is slow."""
    return Locale.parse(tag)


def choose_time_zone() -> str:
    return preference("time_zone") if has_request_context() else "UTC"


class PageLanguage(NamedTuple):
    language: str
    # The BCP 47 tag for the HTML attribute `lang`.
    tag: str
    # "ltr" or "rtl".
    direction: str


@lru_cache(maxsize=32)
def page_language(locale: Locale | None) -> PageLanguage:
    if locale is None:
        return PageLanguage(ENGLISH, ENGLISH, "ltr")
    tag = str(locale).replace("_", "-")
    return PageLanguage(locale.language, tag, locale.text_direction)
