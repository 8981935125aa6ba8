"""This part is optional: the site works without its folder and its line in PARTS."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
KEPT = ("app", "migrations", "tests", "pyproject.toml", "README.md", "docs", "wsgi.py")
TESTS = ("auth/test_login.py", "two_factor/test_second.py", "framework/test_architecture.py")


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """The project without passkeys."""
    for path in [*(ROOT / name for name in KEPT), *ROOT.glob("config*.py")]:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)
    for folder in ("app", "app/templates", "tests"):
        shutil.rmtree(tmp_path / folder / "passkeys")
    (tmp_path / "app/static/passkeys.js").unlink()
    parts = tmp_path / "app/__init__.py"
    parts.write_text(re.sub(r"^    passkeys,\n", "", parts.read_text(), flags=re.MULTILINE))
    return tmp_path


def test_nothing_else_imports_or_names_it() -> None:
    naming = {
        path.relative_to(ROOT / "app")
        for kind in ("py", "html")
        for path in (ROOT / "app").rglob(f"*.{kind}")
        if "passkeys" not in path.parts
        if re.search(r"app\.passkeys|passkeys[./]|passkeys_", path.read_text())
    }
    assert not naming


def test_without_this_part_users_sign_in_with_password_and_code(without: Path) -> None:
    given = {"PATH": os.environ["PATH"], "TEST_POSTGRESQL_URL": "postgresql://127.0.0.1:1/none"}
    command = [sys.executable, "-m", "pytest", "-q", *(f"tests/{test}" for test in TESTS)]
    done = subprocess.run(command, cwd=without, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
