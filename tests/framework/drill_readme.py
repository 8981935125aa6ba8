"""W1: the example of the README, typed in as printed, passes the checks of `make check`.

The test suite runs in a copy of the project, which takes minutes: `make readme`. Browser tests and
drills are not run.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.framework.printed_examples import ROOT, copy_project, examples, run, type_in

README = ROOT / "README.md"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project with the example of the README."""
    files = examples(README)
    if not files or any((ROOT / path).exists() for path in files):
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
    yield ("pytest", "-q")


def test_the_example_passes_every_check_as_it_is_printed(copy: Path) -> None:
    [revision] = (copy / "migrations/versions").glob("*_create_notes.py")
    assert '"notes"' in revision.read_text()
    for command in checks():
        run(copy, *command)
