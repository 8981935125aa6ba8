"""W1: README's first page and table, typed in as printed, pass what `make check` runs.

It takes minutes, because the whole suite runs in the copy, so that it has a target of its own:
`make readme`. Browser and drills are left out.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FILE = re.compile(r"^`(\S+)`\n\n```(?:python|html)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = dict(FILE.findall((ROOT / "README.md").read_text()))
# What a clone does not have.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", "__pycache__", "instance", "node_modules"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as it is cloned, with the example typed in."""
    if not EXAMPLE or any((ROOT / path).exists() for path in EXAMPLE):
        pytest.skip("README has no example, or it is typed in already.")
    project = tmp_path / "project"
    shutil.copytree(ROOT, project, ignore=LEFT_OUT)
    for path, text in EXAMPLE.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text)
    parts = project / "app/__init__.py"
    parts.write_text(parts.read_text().replace("    pages,\n", "    notes,\n    pages,\n"))
    return project


def run(copy: Path, *words: str, **settings: str) -> None:
    """Run `python -m …` in the copy, on the databases of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=copy,
        env={**kept, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-10_000:]


def commands() -> Iterator[tuple[str, ...]]:
    """Return what `make lint types test` runs."""
    yield ("ruff", "format", "--check", ".")
    yield ("ruff", "check", ".")
    yield ("bandit", "--quiet", "--recursive", "app", "migrations")
    yield ("mypy",)
    yield ("pytest", "-q")


def test_the_first_page_and_table_pass_every_check_as_they_are_printed(copy: Path) -> None:
    development = {"FLASK_APP": "wsgi.py", "FLASK_DEBUG": "1"}
    run(copy, "flask", "db", "upgrade", **development)
    run(copy, "flask", "db", "migrate", "-m", "create notes", **development)
    [revision] = (copy / "migrations/versions").glob("*_create_notes.py")
    assert '"notes"' in revision.read_text()
    run(copy, "flask", "db", "upgrade", **development)
    for command in commands():
        run(copy, *command)
