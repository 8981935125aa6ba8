"""Run the tests of a clone: all of them, or a selection that a removal is likely to break."""

import os
import subprocess
import sys
from pathlib import Path

# The application starts, its structure, the migrations, sign-in, guards and pages.
SELECTED = [
    "tests/framework/test_architecture.py",
    "tests/framework/test_config.py",
    "tests/framework/test_documents.py",
    "tests/framework/test_migrations.py",
    "tests/framework/test_pages_and_mails.py",
    "tests/auth/test_login.py",
    "tests/languages/test_translations.py",
    "tests/pages",
    "tests/sessions/test_guards.py",
]
# On SQLite, and with all migrations at once: one by one takes two seconds in each clone.
QUICK = ("-k", "not postgresql and not test_each_migration_can_be_reversed")
STYLE = [("ruff", "format", "--check", "."), ("ruff", "check", ".")]


def check_selected(clone: Path, *more: str) -> None:
    """Check the style, and run the selected tests that the clone has, on SQLite."""
    for command in STYLE:
        run(clone, *command)
    paths = [path for path in [*SELECTED, *more] if (clone / path).exists()]
    run(clone, "pytest", "-q", "--numprocesses=0", *QUICK, *paths)


def check_everything(clone: Path) -> None:
    """Run lint, types and the whole suite."""
    for command in [*STYLE, ("mypy",), ("pytest", "-q")]:
        run(clone, *command)


def run(clone: Path, *command: str, **settings: str) -> None:
    """Run `python -m …` in the clone. Raises AssertionError with the output if it fails."""
    outer = {
        name: it for name, it in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=clone,
        env={**outer, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n" + (done.stdout + done.stderr)[-8_000:]
