"""Find the broken links of a document."""

import re
from pathlib import Path

LINKED = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def broken_links(document: Path) -> list[str]:
    """Return the links to files and headings that do not exist."""
    links = LINKED.findall(document.read_text())
    return [f"{path}#{place}" for path, place in links if not is_valid(document, path, place)]


def is_valid(document: Path, path: str, place: str) -> bool:
    file = (document.parent / path) if path else document
    return file.exists() and (not place or place in places_in(file))


def places_in(document: Path) -> set[str]:
    """Return the anchors of the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    texts = [re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in texts}
