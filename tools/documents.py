"""Remove references to a removed part from documents: links, settings and names of files."""

import re
from collections.abc import Collection
from pathlib import Path

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`([\w.-]+/[\w./-]+)(?:::\w+)?`")


def clean_document(
    text: str, folder: Path, tree: Path, folders: Collection[str], settings: Collection[str]
) -> str:
    """Return a document without references to removed files, folders of app/ and settings."""
    text = without_lines_for(text, folders, settings)
    return without_dead_names(without_dead_items(text, folder), tree)


def without_lines_for(text: str, folders: Collection[str], settings: Collection[str]) -> str:
    """Leave out the lines of folders in the tree of the README, and of settings in tables."""
    beginnings = [rf" +{name}/ " for name in folders] + [rf"\| `{name}` \|" for name in settings]
    if not beginnings:
        return text
    return re.sub(rf"(?m)^(?:{'|'.join(beginnings)}).*\n", "", text)


def without_dead_items(text: str, folder: Path) -> str:
    """Leave out the list items and rows whose first link leads to a removed file.

    An item ends before the next line that is not indented.
    """
    kept: list[str] = []
    in_item = False
    for line in text.splitlines(keepends=True):
        is_continued = in_item and line.startswith("  ") and bool(line.strip())
        begins = line.lstrip().startswith(("- ", "* ", "| ")) and is_dead(line, folder)
        in_item = begins or is_continued
        if not in_item:
            kept.append(line)
    return "".join(kept)


def is_dead(line: str, folder: Path) -> bool:
    link = LINK.search(line)
    return link is not None and not (folder / link[1]).exists()


def without_dead_names(text: str, tree: Path) -> str:
    """Leave the names of removed files out of lists such as `app/a.py`, `tests/test_a.py`."""
    for name in {match[0] for match in NAMED.finditer(text) if is_removed(match[1], tree)}:
        text = text.replace(f"{name}, ", "").replace(f", {name}", "")
    return text


def is_removed(path: str, tree: Path) -> bool:
    """Return whether it is a path below app/, docs/ or tests/ that does not exist."""
    return path.startswith(("app/", "docs/", "tests/")) and not (tree / path).exists()
