"""Write the templates of a feature. `[[name]]` is replaced in those of pages/."""

import re
from pathlib import Path

from tools.features.feature import Feature

TEMPLATES = Path(__file__).parent / "pages"


def pages(it: Feature) -> dict[str, str]:
    """Return the templates by their names."""
    return {it.plural: fill("list", it), "new": fill("new", it), it.singular: fill("one", it)}


def fill(template: str, it: Feature) -> str:
    values = {
        "heading": it.heading,
        "words": it.words,
        "word": it.word,
        "plural": it.plural,
        "singular": it.singular,
        "title": it.title,
        "whose": "Your" if it.is_owned else "All",
    }
    text = (TEMPLATES / f"{template}.html").read_text("utf-8")
    return re.sub(r"\[\[(\w+)\]\]", lambda match: values[match[1]], text)
