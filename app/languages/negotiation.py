"""Choose the language of a request."""

from functools import lru_cache

from babel import Locale, negotiate_locale
from flask import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.preferences.choices import preference
from app.preferences.locales import ENGLISH, FOLLOW_BROWSER, LOCALES
from app.request_globals import g

# Enough for forty languages. Longer headers are ignored, and so not kept as keys of the cache.
MAX_ACCEPT_LANGUAGE_LENGTH = 500


def choose_locale() -> Locale:
    """Return the chosen language, else the best match for Accept-Language, else English."""
    chosen = preference("locale")
    if chosen != FOLLOW_BROWSER:
        return get_locale_for(chosen)
    g.vary_on = (*g.vary_on, "Accept-Language")
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
