"""Read and write `[tool.lockstep]` in pyproject.toml, the record of the commands."""

import json
import re
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

SECTION = re.compile(r"^\[tool\.lockstep\]\n(?:.*=.*\n?)*", re.MULTILINE)
REASONS = {
    "version": "the release of the starter that this product has",
    "base": "its commit that was merged last",
    "name": "the product's name, and how files and databases are named after it",
    "removed": "parts that an update does not bring back",
    "kept_revisions": "empty migrations of removed parts, because databases may be at them",
}


@dataclass(frozen=True)
class Product:
    version: str = ""
    base: str = ""
    name: str = ""
    identifier: str = ""
    removed: tuple[str, ...] = ()
    removed_languages: tuple[str, ...] = ()
    kept_revisions: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Product":
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in {field.name for field in fields(cls)}
        }
        return cls(**known)

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def read_product(tree: Path) -> Product:
    settings = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))
    return Product.from_dict(settings.get("tool", {}).get("lockstep", {}))


def write_product(tree: Path, product: Product) -> None:
    path = tree / "pyproject.toml"
    text = path.read_text("utf-8")
    lines = [line_of(name, value) for name, value in asdict(product).items()]
    section = "[tool.lockstep]\n" + "".join(lines)
    path.write_text(SECTION.sub(lambda _: section, text), "utf-8")


def line_of(name: str, value: Any) -> str:
    """Write a setting in TOML, where JSON's strings and lists are valid too."""
    written = json.dumps(value, ensure_ascii=False)
    reason = f" # {REASONS[name]}" if name in REASONS else ""
    return f"{name} = {written}{reason}\n"
