"""Find text that is not translated, on a page in which every translated text is in brackets."""

import re
from html.parser import HTMLParser

from babel.dates import get_month_names

from app.preferences.locales import LOCALES
from config import Config
from tests.languages.catalogs import TRANSLATION

# Never translated: the names of the site and of languages, addresses, and dates.
OWN_WORDS = [
    re.escape(Config.APP_NAME),
    *LOCALES.values(),
    r"\w+@example\.com",
    r"https?://\S+",
    "UTC",
]
OWN_WORDS += get_month_names("wide", locale=TRANSLATION).values()
TEXT_ATTRIBUTES = {"alt", "aria-label", "content", "placeholder", "title"}
NOT_WORDS = {"code", "option", "pre", "style", "time"}


class PageText(HTMLParser):
    """The text of a page, visible or for screen readers, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.skipped: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_WORDS:
            self.skipped.append(tag)
        if tag != "meta" or ("name", "description") in attrs:
            self.text += "".join(
                f"\n{value}\n" for name, value in attrs if name in TEXT_ATTRIBUTES
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_WORDS:
            self.skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.text += data


def untranslated(text: str) -> list[str]:
    """Return the lines with letters outside of brackets."""
    text = re.sub("|".join(OWN_WORDS), "", text)
    inside = 1
    while inside:
        text, inside = re.subn(r"⟦[^⟦⟧]*⟧", "", text)
    return [line.strip() for line in text.splitlines() if re.search(r"[^\W\d_]{3}", line)]
