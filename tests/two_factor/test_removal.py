"""This part is optional: without its folder and its line in PARTS the site asks for passwords."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
KEPT = ("app", "migrations", "tests", "pyproject.toml", "README.md", "docs", "wsgi.py")
# Passkeys are a second factor and stand on this part; they go with it.
PARTS = ("two_factor", "passkeys")


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """The project as somebody has it who wants no second factors."""
    for path in [*(ROOT / name for name in KEPT), *ROOT.glob("config*.py")]:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)
    for part in PARTS:
        for folder in ("app", "app/templates", "tests"):
            shutil.rmtree(tmp_path / folder / part, ignore_errors=True)
    parts = tmp_path / "app/__init__.py"
    parts.write_text(re.sub(rf"^    ({'|'.join(PARTS)}),\n", "", parts.read_text(), flags=re.M))
    return tmp_path


def test_nothing_else_imports_it() -> None:
    importing = {
        path.relative_to(ROOT / "app").parts[0]
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"^(from|import) app\.two_factor", path.read_text(), flags=re.M)
    }
    assert importing <= set(PARTS)


def test_no_template_of_another_part_names_it() -> None:
    templates = ROOT / "app/templates"
    naming = {
        path.relative_to(templates).parts[0]
        for path in templates.rglob("*.html")
        if "two_factor." in path.read_text() or "second_factors_of" in path.read_text()
    }
    assert naming <= set(PARTS)


def test_without_it_the_site_signs_people_in_by_password(without: Path) -> None:
    given = {"PATH": os.environ["PATH"], "TEST_POSTGRESQL_URL": "postgresql://127.0.0.1:1/none"}
    tests = ["auth/test_login.py", "sessions/test_proof.py", "sessions/test_devices.py"]
    tests += [
        "accounts/test_account.py",
        "accounts/test_password.py",
        "framework/test_architecture.py",
    ]
    command = [sys.executable, "-m", "pytest", "-q", *(f"tests/{test}" for test in tests)]
    done = subprocess.run(command, cwd=without, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
