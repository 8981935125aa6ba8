"""W1: the example of the README, typed in as printed, passes the checks of `make check`.

`make readme` runs them in a copy of the project: lint, types, the tests of the example, and the
tests of the starter that look at all pages, tables, texts and files, on SQLite. Those of the
example and of the migrations also run on PostgreSQL. Browser tests and drills are not run.
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
LOOK_AT_ALL = [
    "tests/framework",
    "tests/notes",
    "tests/sessions/test_guards.py",
    "tests/export",  # part: export
]
# These test the request contract and the commands, whatever parts there are.
LOOK_AT_FEW = ["--ignore=tests/framework/unit_of_work", "--ignore=tests/framework/tools"]
# Not in a clone.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", "__pycache__", "instance", "node_modules"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project with the example of the README."""
    if not EXAMPLE or (ROOT / "app/notes").exists():
        pytest.skip("The README has no example, or its files exist already.")
    project = tmp_path / "project"
    shutil.copytree(ROOT, project, ignore=LEFT_OUT)
    for path, text in EXAMPLE.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text)
    return project


def run(copy: Path, *command: str, **settings: str) -> None:
    """Run `python -m …` in the copy. Raises AssertionError with the output if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy,
        env={**kept, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-10_000:]


def commands() -> Iterator[tuple[str, ...]]:
    """Return the commands of `make lint types test`."""
    yield ("ruff", "format", "--check", ".")
    yield ("ruff", "check", ".")
    yield ("bandit", "--quiet", "--recursive", "app", "migrations")
    yield ("mypy",)
    on_sqlite = ("--numprocesses=2", "-k", "not postgresql")
    yield ("pytest", "-q", *on_sqlite, *LOOK_AT_ALL, *LOOK_AT_FEW)
    yield ("pytest", "-q", "tests/notes", "tests/framework/test_migrations.py")


def test_the_example_passes_every_check_as_it_is_printed(copy: Path) -> None:
    development = {"FLASK_APP": "wsgi.py", "FLASK_DEBUG": "1"}
    run(copy, "flask", "db", "upgrade", **development)
    run(copy, "flask", "db", "migrate", "-m", "create notes", **development)
    [revision] = (copy / "migrations/versions").glob("*_create_notes.py")
    assert '"notes"' in revision.read_text()
    run(copy, "flask", "db", "upgrade", **development)
    for command in commands():
        run(copy, *command)
