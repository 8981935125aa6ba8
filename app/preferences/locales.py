"""The languages of the site: English, and each folder of app/translations."""

from pathlib import Path

from babel import Locale

TRANSLATIONS = Path(__file__).parent.parent / "translations"
# The source language of all texts, and the default.
ENGLISH = "en"
FOLLOW_BROWSER = "auto"


def name_of(tag: str) -> str:
    """Return the name of a language in itself, as it begins a line."""
    name: str = Locale.parse(tag).get_display_name() or tag
    return name[:1].upper() + name[1:]


def read_locales() -> dict[str, str]:
    """Return each language with its name."""
    compiled = TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo")
    translated = sorted(path.parent.parent.name for path in compiled)
    return {tag: name_of(tag) for tag in [ENGLISH, *translated]}


LOCALES = read_locales()
