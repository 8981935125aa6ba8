"""W1: the example of the README, run as printed, passes the checks of `make check`.

`make readme` runs them in a copy of the project: lint, types, the tests of the example, and the
tests of the starter that check all pages, tables, texts and files, on SQLite. Those of the
example and of the migrations also run on PostgreSQL. Browser tests and drills are not run.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.framework.printed_examples import ROOT, commands, copy_project, run

README = ROOT / "README.md"
GENERAL_TESTS = [
    "tests/notes",
    "tests/accounts/test_return_paths.py",
    *(
        f"tests/framework/test_{name}.py"
        for name in (
            "access",
            "architecture",
            "budget",
            "config",
            "documents",
            "fragments",
            "migrations",
            "navigation",
            "pages_and_mails",
            "plans",
            "request_globals",
        )
    ),
    "tests/sessions/test_guards.py",
    "tests/languages",  # part: languages
    "tests/export",  # part: export
]
DEVELOPER = {
    f"GIT_{who}_{what}": "dev@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project in which the command of the README was run."""
    if (ROOT / "app/notes").exists():
        pytest.skip("The files of the example exist already.")
    project = copy_project(tmp_path)
    [feature] = [it for it in commands(README) if it.startswith("make feature ")]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        run_in(project, "git", *command)
    run_in(project, *shlex.split(feature), f"PYTHON={sys.executable}")
    return project


def run_in(project: Path, *command: str) -> None:
    outer = {name: it for name, it in os.environ.items() if not name.startswith(("GIT_", "MAKE"))}
    subprocess.run(command, cwd=project, env=outer | DEVELOPER, check=True)


def checks() -> Iterator[tuple[str, ...]]:
    """Return the commands of `make lint types test`."""
    yield ("ruff", "format", "--check", ".")
    yield ("ruff", "check", ".")
    yield ("bandit", "--quiet", "--recursive", "app", "migrations")
    yield ("mypy",)
    on_sqlite = ("--numprocesses=2", "-k", "not postgresql")
    yield ("pytest", "-q", *on_sqlite, *GENERAL_TESTS)
    yield ("pytest", "-q", "tests/notes", "tests/framework/test_migrations.py")


def test_the_example_passes_every_check_as_it_is_written(copy: Path) -> None:
    for command in checks():
        run(copy, *command)
