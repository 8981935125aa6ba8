"""Read and write the list of the product's own parts, app/product.py."""

import re
from collections.abc import Collection
from pathlib import Path

from tools.git import Refused

PATH = Path("app/product.py")
WIDTH = 99
LISTED = re.compile(r"^PARTS: tuple\[ModuleType, \.\.\.\] = \(([^)]*)\)$", re.MULTILINE)
IMPORTED = re.compile(r"^from app import (?:\([^)]*\)|[^(\n]*)\n\n", re.MULTILINE)
AFTER = "from types import ModuleType\n\n"


def parts_of(text: str) -> list[str]:
    """Return the names of the parts in their order."""
    listed = LISTED.search(text)
    if listed is None or AFTER not in text:
        raise Refused(f"PARTS in {PATH} has another form than this command reads and writes.")
    return re.findall(r"\w+", listed[1])


def add_part(text: str, name: str) -> str:
    """Return the file with one more part, which may import all others."""
    return write_parts(text, [*parts_of(text), name])


def without_parts(text: str, removed: Collection[str]) -> str:
    names = parts_of(text)
    kept = [name for name in names if name not in removed]
    return write_parts(text, kept) if kept != names else text


def write_parts(text: str, names: list[str]) -> str:
    text = LISTED.sub(in_brackets("PARTS: tuple[ModuleType, ...] = ", names), text)
    text = IMPORTED.sub("", text)
    if not names:
        return text
    imported = "from app import " + ", ".join(sorted(names))
    if len(imported) > WIDTH:
        imported = in_brackets("from app import ", sorted(names))
    return text.replace(AFTER, f"{AFTER}{imported}\n\n", 1)


def in_brackets(before: str, names: list[str]) -> str:
    """Write a tuple in one line, or one name a line if it is too long."""
    line = f"{before}({', '.join(names)}{',' if len(names) == 1 else ''})"
    if len(line) <= WIDTH:
        return line
    listed = "".join(f"    {name},\n" for name in names)
    return f"{before}(\n{listed})"
