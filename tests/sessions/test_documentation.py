"""docs/sessions.md names a test for each promise, and each named test exists."""

import ast
import re
from pathlib import Path

from config import Config

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/sessions.md").read_text()
ROWS = re.findall(r"^\| (S\d+) \|(.*)\|$", DOCS, re.MULTILINE)
NAMED = re.findall(r"`(?:tests/)?([\w/]+\.py)::(\w+)`", DOCS)


def names_in(path: str) -> set[str]:
    file = ROOT / "tests" / (path if "/" in path else f"sessions/{path}")
    return {node.name for node in ast.parse(file.read_text()).body if hasattr(node, "name")}


def test_every_promise_has_a_row_with_a_test_of_its_own() -> None:
    assert [name for name, _ in ROWS] == re.findall(r"^\| \*\*(S\d+)\*\* \|", DOCS, re.MULTILINE)
    assert len(ROWS) > 10
    assert all(f"::test_{name.lower()}_" in row for name, row in ROWS)


def test_every_named_test_exists() -> None:
    missing = [f"{path}::{name}" for path, name in NAMED if name not in names_in(path)]
    assert not missing
    assert len(NAMED) > 30


def test_every_named_setting_exists() -> None:
    settings = set(
        re.findall(r"`([A-Z][A-Z_]+_(?:LIMIT|LIFETIME|KEY|STORE|URL|FALLBACKS))`", DOCS)
    )
    assert settings
    assert not {name for name in settings if not hasattr(Config, name)}
