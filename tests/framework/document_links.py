"""Find the links of a document that lead nowhere."""

import re
from pathlib import Path

LINKED = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def dead_links(document: Path) -> list[str]:
    """Return the links to files and headings that are not there."""
    links = LINKED.findall(document.read_text())
    return [
        f"{path}#{place}" for path, place in links if not leads_somewhere(document, path, place)
    ]


def leads_somewhere(document: Path, path: str, place: str) -> bool:
    file = (document.parent / path) if path else document
    return file.exists() and (not place or place in places_in(file))


def places_in(document: Path) -> set[str]:
    """Return the anchors of the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    words = [re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in words}
