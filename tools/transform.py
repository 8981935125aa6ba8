"""Apply the changes of a product to a checkout of the starter: remove parts, and rename it.

It changes only files, depends only on the files and the settings, and needs no network, so that
`make update` can repeat `make mine` and `make without` on another version.

    python3 -m tools.transform < settings.json    # changes the checkout in the current directory
"""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tools.blocks import remove_blocks, without_lines
from tools.catalogs import prune_catalogs
from tools.documents import clean_document
from tools.git import files
from tools.parts import Part, files_of, read_parts
from tools.product import Product, read_product, write_product
from tools.product_parts import PATH, without_parts
from tools.rename import make_products_own, rename
from tools.requirements import prune_lock, read_lock, without_requirements
from tools.revisions import FOLDER, remove_revisions

LIST_OF_PARTS = "app/__init__.py"


def transform(tree: Path, product: Product) -> None:
    """Repeat on the starter the commands that were run on the product."""
    parts = read_parts(tree)
    removed = {*product.removed, *product.removed_languages}
    remove(tree, [parts[name] for name in sorted(removed & set(parts))], product.kept_revisions)
    if product.name:
        rename(tree, product.name, product.identifier)
        make_products_own(tree, product.name)
    write_product(tree, replace(product, version=read_product(tree).version))


def remove(tree: Path, parts: list[Part], kept_revisions: tuple[str, ...] = ()) -> None:
    """Remove the parts: their files, and the references in other files."""
    revisions = revisions_of(tree, parts)
    remove_revisions(tree, revisions, kept_revisions)
    gone = set(files_of(tree, parts))
    for path in gone:
        (tree / path).unlink()
    changed = {path for path in files(tree) if edit(tree, path, cleaner(tree, path, parts))}
    prune_locks(tree, {name for part in parts for name in part.requirements})
    prune_catalogs(tree, gone, changed)


def revisions_of(tree: Path, parts: list[Part]) -> set[str]:
    """Return the migrations of the parts."""
    names = {Path(name).name for part in parts for name in part.revisions}
    return {path for path in files(tree) if path.startswith(FOLDER) and Path(path).name in names}


def edit(tree: Path, path: str, change: Callable[[str], str]) -> bool:
    """Change a text file. Return whether its text has changed."""
    try:
        text = (tree / path).read_text("utf-8")
    except UnicodeDecodeError:
        return False
    changed = change(text)
    if changed != text:
        (tree / path).write_text(changed, "utf-8")
    return changed != text


def cleaner(tree: Path, path: str, parts: list[Part]) -> Callable[[str], str]:
    """Return the function that removes the parts from the text of this file."""
    names = {part.name for part in parts}

    def clean(text: str) -> str:
        text = remove_blocks(text, names, path)
        if path == LIST_OF_PARTS:
            text = without_listed(text, {f"{name}," for name in names})
        if path == str(PATH):
            text = without_parts(text, names)
        if path == "pyproject.toml":
            text = without_requirements(text, {it for part in parts for it in part.requirements})
        if path.endswith(".md"):
            settings = {name for part in parts for name in part.settings}
            text = clean_document(text, (tree / path).parent, tree, names, settings)
        return text

    return clean


def without_listed(text: str, items: set[str]) -> str:
    lines = text.splitlines(keepends=True)
    return without_lines(lines, {n for n, line in enumerate(lines) if line.strip() in items})


def prune_locks(tree: Path, removed: set[str]) -> None:
    """Remove requirements, and packages that only they required, from all lock files."""
    main = tree / "requirements.txt"
    main.write_text(prune_lock(main.read_text("utf-8"), removed, ()), "utf-8")
    constraints = {pin.name for pin in read_lock(main.read_text("utf-8"))}
    for path in files(tree):
        if re.fullmatch(r"(?:\w+/)?requirements(?:-\w+)?\.txt", path):
            edit(tree, path, lambda text: prune_lock(text, removed, constraints))


if __name__ == "__main__":
    transform(Path.cwd(), Product.from_dict(json.load(sys.stdin)))
