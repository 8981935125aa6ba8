"""The language and the time zone in which a page or a mail is written."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, negotiate_locale
from flask import Response, g, has_request_context, request
from flask_babel import Babel, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.application import Application
from app.preferences.choices import preference
from app.preferences.declared import AS_THE_BROWSER_ASKS, LOCALES
from app.words import words_of

babel = Babel()
# What is spoken to whoever asks for none of ours: what the pages are written in.
ENGLISH = "en"
# Forty languages fit; a longer list is not read, and no longer one is kept as a key.
LONGEST_ACCEPT_LANGUAGE = 500


def init_app(app: Application) -> None:
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_time_zone)
    app.context_processor(speak)
    app.jinja_env.globals.update(_=translate, gettext=translate)
    app.add_template_global(get_locale, "locale")
    app.after_request(tell_caches)


def speak() -> dict[str, object]:
    """Give a template its language, and a `_` that need not ask for it at each sentence."""
    locale = get_locale()
    translate = translator(locale)
    return {"_": translate, "gettext": translate, "spoken": spoken(locale)}


@pass_eval_context
def translate(context: EvalContext, text: str, /, **values: object) -> str:
    """Translate in a macro, which is not told the language of the page that calls it."""
    return translator(get_locale())(context, text, **values)


@lru_cache(maxsize=32)
def translator(locale: Locale | None) -> Callable[..., str]:
    words = words_of(locale)

    @pass_eval_context
    def translate(context: EvalContext, text: str, /, **values: object) -> str:
        said: str = words.gettext(text)
        if context.autoescape:
            said = Markup(said)  # noqa: S704  # nosec B704  # ours, as the translators' is
        return said % values if values or "%" in said else said

    return translate


def choose_locale() -> Locale | None:
    """Return what was chosen, else what the browser asks for, else English."""
    if not has_request_context():
        return None
    chosen = preference("locale")
    if chosen != AS_THE_BROWSER_ASKS:
        return known(chosen)
    g.language_negotiated = True
    asked = request.headers.get("Accept-Language", "")
    return negotiate(asked if len(asked) <= LONGEST_ACCEPT_LANGUAGE else "")


@lru_cache(maxsize=256)
def negotiate(asked: str) -> Locale:
    """Return the best language of ours for an Accept-Language; browsers send a few different."""
    wanted = parse_accept_header(asked, LanguageAccept)
    best = negotiate_locale([tag for tag, quality in wanted if quality > 0], LOCALES, sep="-")
    return known(best or ENGLISH)


@lru_cache(maxsize=32)
def known(tag: str) -> Locale:
    """Return the one Locale of a language: to compare two that are alike takes as long as a page
    needs for ten addresses."""
    return Locale.parse(tag)


def choose_time_zone() -> str:
    return preference("time_zone") if has_request_context() else "UTC"


def tell_caches(response: Response) -> Response:
    """Say that the page depends on the language the browser asks for (RFC 9110, 12.5.5)."""
    if "language_negotiated" in g:
        response.vary.add("Accept-Language")
    return response


class Spoken(NamedTuple):
    """The language of a page, as HTML names it (BCP 47) and as it is written."""

    language: str
    tag: str
    direction: str


@lru_cache(maxsize=32)
def spoken(locale: Locale | None) -> Spoken:
    if locale is None:
        return Spoken(ENGLISH, ENGLISH, "ltr")
    tag = str(locale).replace("_", "-")
    return Spoken(locale.language, tag, locale.text_direction)
