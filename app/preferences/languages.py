"""The language and the time zone in which a page or a mail is written."""

from babel import negotiate_locale
from flask import Response, g, has_request_context, request
from flask_babel import Babel, get_locale

from app.application import Application
from app.preferences.choices import preference
from app.preferences.declared import AS_THE_BROWSER_ASKS, LOCALES

babel = Babel()


def init_app(app: Application) -> None:
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_time_zone)
    app.after_request(tell_caches)
    app.add_template_global(get_locale, "locale")
    app.add_template_global(text_direction)


def choose_locale() -> str | None:
    """Return what was chosen, else what the browser asks for, else None: English."""
    if not has_request_context():
        return None
    chosen = preference("locale")
    if chosen != AS_THE_BROWSER_ASKS:
        return chosen
    g.language_negotiated = True
    wanted = [tag for tag, quality in request.accept_languages if quality > 0]
    return negotiate_locale(wanted, LOCALES, sep="-")


def choose_time_zone() -> str:
    return preference("time_zone") if has_request_context() else "UTC"


def tell_caches(response: Response) -> Response:
    """Say that the page depends on the language the browser asks for (RFC 9110, 12.5.5)."""
    if "language_negotiated" in g:
        response.vary.add("Accept-Language")
    return response


def text_direction() -> str:
    """Return `ltr` or `rtl`, as the language in force is written."""
    locale = get_locale()
    return str(locale.text_direction) if locale else "ltr"
