"""Texts that are translated when they are rendered, not when the module is loaded."""

from functools import lru_cache
from typing import cast

from babel import Locale
from babel.support import NullTranslations
from flask_babel import get_locale, get_translations
from flask_babel.speaklater import LazyString


def lazy_gettext(text: str) -> str:
    """Return a text that is translated into the current language when it is rendered.

    It behaves like a str, and is typed as one because form libraries require that.
    """
    return cast(str, LazyString(translate, text))


def translate(text: str) -> str:
    """Return the text in the current language."""
    return translations_for(get_locale()).gettext(text)


@lru_cache(maxsize=32)
def translations_for(language: Locale | None) -> NullTranslations:
    """Return the translations of the current language, cached by its name."""
    return cast(NullTranslations, get_translations())
