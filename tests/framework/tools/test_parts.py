"""W5: all code of a part is in its files, so that nothing names it once it is removed."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from app import FOUNDATION, IDENTITY, PRODUCT, product
from app.database import Model
from tests.framework.tools.conftest import ROOT, Clone
from tools.git import files
from tools.parts import read_parts, read_required, with_dependents
from tools.transform import remove

PARTS = read_parts(ROOT)
REMOVABLE = [name for name, part in PARTS.items() if not part.starter]
# Features of the product may name each other.
OWN = {part.__name__.removeprefix("app.") for part in product.PARTS}
# They describe earlier versions, or the commands themselves.
MAY_NAME_A_PART = re.compile(
    r"CHANGELOG\.md|docs/make-it-yours\.md|tools/.*|tests/framework/tools/.*|benchmarks/.*"
    r"|.*/package-lock\.json"
)


@pytest.fixture
def tree(starter: Clone, tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter.folder, tmp_path / "tree"))


@pytest.mark.parametrize("name", [name for name in REMOVABLE if name not in OWN])
def test_nothing_names_a_part_that_is_removed(name: str, tree: Path) -> None:
    removed = [PARTS[it] for it in with_dependents(PARTS, name)]
    remove(tree, removed)
    left = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in files(tree)
        if not MAY_NAME_A_PART.fullmatch(path)
        for number, line in enumerate(lines_of(tree / path), 1)
        if PARTS[name].pattern.search(line)
    ]
    assert not left, (
        f"These lines still name {name}. Move them to its files, let it register what they need, "
        f"or mark them with `part: {name}` (tools/blocks.py)."
    )


def lines_of(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except UnicodeDecodeError:
        return []


@pytest.mark.parametrize("name", REMOVABLE)
def test_a_declaration_names_only_existing_files(name: str) -> None:
    part = PARTS[name]
    assert set(part.needs) <= set(PARTS)
    revisions = {path.name for path in (ROOT / "migrations/versions").glob("*.py")}
    assert set(part.revisions) <= revisions
    assert part.pattern.search("\n".join(path.read_text() for path in own_files(name)))
    requirements = str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])
    assert [it for it in part.requirements if f"'{it}" not in requirements] == []


def own_files(name: str) -> list[Path]:
    return [ROOT / path for path in files(ROOT) if PARTS[name].owns(path) and is_text(ROOT / path)]


def is_text(path: Path) -> bool:
    return bool(lines_of(path))


def test_each_part_of_the_application_is_removable_or_says_why_not() -> None:
    names = {it.__name__.removeprefix("app.") for it in FOUNDATION + IDENTITY + PRODUCT}
    required = set(read_required(ROOT))
    assert not required & set(PARTS)
    assert names <= required | set(PARTS)


def test_parts_need_each_other_in_one_direction() -> None:
    for part in PARTS.values():
        assert not {part.name} & {need for name in part.needs for need in PARTS[name].needs}


@pytest.mark.parametrize("name", PARTS)
def test_a_declaration_names_the_tables_of_its_models(name: str) -> None:
    """A removal drops these: a table with an outdated name would stay."""
    own = {
        mapper.local_table.name  # type: ignore[attr-defined]  # a table, not a join
        for mapper in Model.registry.mappers
        if mapper.class_.__module__.startswith(f"app.{name}.")
    }
    assert set(PARTS[name].tables) == own
