"""Migrations of removed parts leave the chain, and heads are joined."""

import subprocess
from pathlib import Path

import pytest

from tools.revisions import (
    FOLDER,
    add_drop,
    heads,
    join_heads,
    read_revisions,
    remove_revisions,
)

REVISION = '''"""create {id}"""

revision = "{id}"
down_revision = {down!r}


def upgrade() -> None:
    make_{id}()
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Migrations a, b, c and d, one after the other."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for id, down in [("a", None), ("b", "a"), ("c", "b"), ("d", "c")]:
        write(tmp_path, id, down)
    return tmp_path


def write(tree: Path, id: str, down: str | None) -> None:
    (tree / FOLDER).mkdir(parents=True, exist_ok=True)
    text = REVISION.format(id=id, down=down)
    (tree / FOLDER / f"20260101_create_{id}.py").write_text(text)


def chain(tree: Path) -> dict[str, tuple[str, ...]]:
    return {revision.id: revision.down for revision in read_revisions(tree)}


def path(id: str) -> str:
    return f"{FOLDER}/20260101_create_{id}.py"


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        ("b", {"a": (), "c": ("a",), "d": ("c",)}),
        ("bc", {"a": (), "d": ("a",)}),
        ("a", {"b": (), "c": ("b",), "d": ("c",)}),
        ("d", {"a": (), "b": ("a",), "c": ("b",)}),
    ],
)
def test_the_next_migration_follows_the_one_before(
    removed: str, left: dict[str, tuple[str, ...]], tree: Path
) -> None:
    remove_revisions(tree, {path(id) for id in removed}, ())
    assert chain(tree) == left


def test_a_kept_migration_stays_as_an_empty_one(tree: Path) -> None:
    """Databases are at the last migration: without its id they could not be migrated further."""
    remove_revisions(tree, {path("d")}, {"d"})
    assert chain(tree)["d"] == ("c",)
    [emptied] = [revision for revision in read_revisions(tree) if revision.id == "d"]
    assert "create" not in emptied.path
    assert "make_d" not in (tree / emptied.path).read_text()


def test_the_tables_are_dropped_after_the_last_migration(tree: Path) -> None:
    add_drop(tree, ["notes"], ["pages", "notes"])
    [last] = heads(read_revisions(tree))
    assert last.down == ("d",)
    assert '"pages",\n    "notes",' in (tree / last.path).read_text()


def test_two_heads_are_joined_once(tree: Path) -> None:
    write(tree, "e", "c")
    join_heads(tree)
    [last] = heads(read_revisions(tree))
    assert last.down == ("d", "e")
    assert join_heads(tree) is None
