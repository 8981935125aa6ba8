"""The language and time zone of a request, provided to templates."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from flask import has_request_context
from flask_babel import Babel, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.application import Application, ExtensionPoint
from app.preferences.choices import preference
from app.web.i18n import translations_for
from app.web.rendering.fragments import fragments_in

babel = Babel()
ENGLISH = "en"
# The part that knows the language of a request adds it. Without one, it is English.
locale_source: ExtensionPoint[Callable[[], Locale]] = ExtensionPoint("locale")


def init_app(app: Application) -> None:
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_time_zone)
    app.context_processor(language_context)
    app.jinja_env.globals.update(_=translate, gettext=translate)
    app.add_template_global(get_locale, "locale")


def language_context() -> dict[str, object]:
    """Return the page's language, and what depends on it: looking it up per text is slow."""
    locale = get_locale()
    translate = translator(locale)
    return {
        "_": translate,
        "gettext": translate,
        "fragment": fragments_in(locale),
        "page_language": page_language(locale),
    }


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
    """Return the language of the request, or None for English."""
    sources = locale_source.items()
    return sources[-1]() if sources and has_request_context() else None


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
