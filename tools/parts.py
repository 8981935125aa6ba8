"""Read the declarations of removable parts (`part.toml`), and find the files of each.

A declaration is beside the code of its part: `app/<name>/part.toml` for a folder of app/,
otherwise `<name>.part.toml`. Files that follow the convention below need not be listed in it.
"""

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from tools.git import Refused, files

LANGUAGES = "app/translations/"
# `*` matches `/` as well.
CONVENTION = (
    "app/{name}/*",
    "app/templates/{name}/*",
    "app/templates/mail/{name}/*",
    "app/static/{name}.js",
    "app/static/{name}.css",
    "tests/{name}/*",
    "tests/framework/*/{name}.py",
    "tests/framework/*test_{name}.py",
    "tests/framework/*test_{name}_*.py",
    "tests/framework/*drill_{name}.py",
    "docs/{dashed}.md",
    "docs/screenshots/{dashed}.*",
    "docs/screenshots/{dashed}-*",
    "docs/recipes/{dashed}.md",
)


@dataclass(frozen=True)
class Part:
    name: str
    declared_in: str
    title: str
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    words: str = ""
    # It describes or measures the starter, and is removed by `make mine`.
    starter: bool = False

    def owns(self, path: str) -> bool:
        names = {"name": self.name, "dashed": self.name.replace("_", "-")}
        convention = (pattern.format(**names) for pattern in CONVENTION)
        patterns = (self.declared_in, *self.files, *convention)
        return any(fnmatchcase(path, pattern) for pattern in patterns)

    @property
    def language(self) -> str:
        """Return the code of the language that this part is, or nothing."""
        return self.name if self.declared_in.startswith(LANGUAGES) else ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return the pattern that must not be found once the part is removed."""
        return re.compile(self.words or self.name.replace("_", "[-_ ]?"), re.IGNORECASE)


def read_parts(tree: Path) -> dict[str, Part]:
    """Return the removable parts that are in this tree."""
    declarations = [path for path in files(tree) if path.endswith("part.toml")]
    parts = [read_part(tree, path) for path in declarations]
    return {part.name: part for part in sorted(parts, key=lambda part: part.name)}


def read_part(tree: Path, path: str) -> Part:
    place = PurePosixPath(path)
    name = place.parent.name if place.name == "part.toml" else place.name.split(".")[0]
    values: dict[str, Any] = tomllib.loads((tree / path).read_text("utf-8"))
    unknown = set(values) - set(Part.__dataclass_fields__)
    if unknown or "title" not in values:
        raise Refused(f"{path} needs a title, and cannot have {sorted(unknown)}.")
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Part(**{"name": name, "declared_in": path, **values, **lists})


def read_required(tree: Path) -> dict[str, str]:
    """Return the parts that cannot be removed, each with the reason."""
    reasons = tomllib.loads((tree / "tools/required.toml").read_text("utf-8"))
    return {name: str(reason) for name, reason in reasons.items()}


def files_of(tree: Path, parts: list[Part]) -> list[str]:
    return [path for path in files(tree) if any(part.owns(path) for part in parts)]


def with_dependents(parts: dict[str, Part], name: str) -> list[str]:
    """Return the part, the parts that need it, and the parts that need those."""
    found = {name}
    while more := set(dependents(parts, found)) - found:
        found |= more
    return sorted(found)


def dependents(parts: dict[str, Part], removed: set[str]) -> dict[str, set[str]]:
    """Return the kept parts that need a removed one, each with what it needs."""
    return {
        part.name: set(part.needs) & removed
        for part in parts.values()
        if part.name not in removed and set(part.needs) & removed
    }
