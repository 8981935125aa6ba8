"""W1: the example of the README, typed in as printed, passes the checks of `make check`.

`make readme` runs them in a copy of the project: lint, types, the tests of the example, and the
tests of the starter that look at all pages, tables, texts and files, on SQLite. Those of the
example and of the migrations also run on PostgreSQL. Browser tests and drills are not run.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.framework.printed_examples import ROOT, copy_project, examples, run, type_in

README = ROOT / "README.md"
LOOK_AT_ALL = [
    "tests/framework",
    "tests/notes",
    "tests/sessions/test_guards.py",
    "tests/export",  # part: export
]
# These test the request contract and the commands, whatever parts there are.
LOOK_AT_FEW = ["--ignore=tests/framework/unit_of_work", "--ignore=tests/framework/tools"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project with the example of the README."""
    if not examples(README) or (ROOT / "app/notes").exists():
        pytest.skip("The README has no example, or its files exist already.")
    project = copy_project(tmp_path)
    type_in(project, README)
    return project


def checks() -> Iterator[tuple[str, ...]]:
    """Return the commands of `make lint types test`."""
    yield ("ruff", "format", "--check", ".")
    yield ("ruff", "check", ".")
    yield ("bandit", "--quiet", "--recursive", "app", "migrations")
    yield ("mypy",)
    on_sqlite = ("--numprocesses=2", "-k", "not postgresql")
    yield ("pytest", "-q", *on_sqlite, *LOOK_AT_ALL, *LOOK_AT_FEW)
    yield ("pytest", "-q", "tests/notes", "tests/framework/test_migrations.py")


def test_the_example_passes_every_check_as_it_is_printed(copy: Path) -> None:
    [revision] = (copy / "migrations/versions").glob("*_create_notes.py")
    assert '"notes"' in revision.read_text()
    for command in checks():
        run(copy, *command)
