"""Words that are translated when they are shown, and not when the module is loaded."""

from functools import lru_cache
from typing import cast

from babel import Locale
from babel.support import NullTranslations
from flask_babel import get_locale, get_translations
from flask_babel.speaklater import LazyString


def lazy_gettext(text: str) -> str:
    """Return the text as it will read in the language of whoever sees it.

    It behaves as a str and is typed as one, because form libraries ask for that.
    """
    return cast(str, LazyString(translate, text))


def translate(text: str) -> str:
    """Return the text in the language in force, which Flask-Babel looks up for each sentence."""
    return translations_for(get_locale()).gettext(text)


@lru_cache(maxsize=32)
def translations_for(language: Locale | None) -> NullTranslations:
    """Return the words of the language in force, whose name only tells one from another."""
    return cast(NullTranslations, get_translations())
