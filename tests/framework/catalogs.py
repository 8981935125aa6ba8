"""The languages of the site, and their message catalogs."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from app.preferences.definitions import LOCALES

TRANSLATIONS = Path(__file__).parent.parent.parent / "app" / "translations"
# The source is in English.
TRANSLATED = sorted(set(LOCALES) - {"en"})
in_every_language = pytest.mark.parametrize("locale", TRANSLATED)


def translation(locale: str) -> Catalog:
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def messages(catalog: Catalog) -> dict[object, Message]:
    """Return the messages by id, without the header of the catalog."""
    return {message.id: message for message in catalog if message.id}
