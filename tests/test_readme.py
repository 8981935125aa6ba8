"""The README's example of a first page and table, done as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE = re.compile(r"^`(\S+)`\n\n```(?:python|html)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOP_LEVEL = [
    "app",
    "migrations",
    "tests",
    "config.py",
    "wsgi.py",
    "pyproject.toml",
    "README.md",
    "docs",
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as somebody has cloned it, with the example typed in."""
    for name in TOP_LEVEL:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    for path, words in FILE.findall((ROOT / "README.md").read_text()):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(words)
    parts = tmp_path / "app/__init__.py"
    parts.write_text(parts.read_text().replace("    pages,\n", "    notes,\n    pages,\n"))
    return tmp_path


def run(copy: Path, *words: str) -> str:
    given = {"PATH": os.environ["PATH"], "FLASK_DEBUG": "1", "FLASK_APP": "wsgi.py"}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=copy, env=given, capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_the_first_page_and_table_work_as_the_readme_says(copy: Path) -> None:
    run(copy, "flask", "db", "upgrade")
    run(copy, "flask", "db", "migrate", "-m", "create notes")
    [revision] = (copy / "migrations/versions").glob("*_create_notes.py")
    assert '"notes"' in revision.read_text()
    run(copy, "flask", "db", "upgrade")
    run(copy, "ruff", "check", ".")
    run(copy, "ruff", "format", "--check", ".")
    run(copy, "pytest", "-q", "tests/notes", "tests/test_architecture.py")
