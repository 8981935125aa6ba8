"""The languages of the site, and their message catalogs."""

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from app.preferences.locales import ENGLISH, LOCALES, TRANSLATIONS

# The source is in English.
TRANSLATED = [tag for tag in LOCALES if tag != ENGLISH]
# For tests that need one language other than English, whichever it is.
TRANSLATION = TRANSLATED[0]
in_every_language = pytest.mark.parametrize("locale", TRANSLATED)


def translation(locale: str) -> Catalog:
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def messages(catalog: Catalog) -> dict[object, Message]:
    """Return the messages by id, without the header of the catalog."""
    return {message.id: message for message in catalog if message.id}


def translated(text: str, locale: str = TRANSLATION) -> str:
    """Return a text of the site in another language."""
    return str(messages(translation(locale))[text].string)
