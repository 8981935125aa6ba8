"""W4: a product is updated from the first commit that has all commands to this one.

The product was renamed, stripped of two parts and a language, and extended with the example of the
README: a part with a table and a migration. `make removals-full` also runs the whole suite.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest

from tests.framework.tools.conftest import ROOT, Clone
from tests.framework.tools.suite import check_everything, check_selected, run
from tools.git import git

# The last line that the commands needed to work on all parts and languages.
LAST_PIECE = 'LANGUAGES = "app/translations/"'
EXAMPLE = re.compile(r"^`(\S+)`\n\n```(?:python|html)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEVELOPMENT = {"FLASK_APP": "wsgi.py", "FLASK_DEBUG": "1"}


@cache
def first_commit() -> str:
    """Return the oldest commit in which the commands work."""
    found = git(ROOT, "log", "--reverse", "--format=%H", f"-S{LAST_PIECE}", "--", "tools/parts.py")
    assert found, "The history is not complete: is this clone shallow?"
    return found.split()[0]


@pytest.fixture
def product(tmp_path: Path) -> Clone:
    """A product that begins with the first commit."""
    git(ROOT, "clone", "--quiet", "--origin=starter", str(ROOT), str(tmp_path / "product"))
    product = Clone(tmp_path / "product")
    product.git("checkout", "--quiet", "-B", "product", first_commit())
    examples = dict(EXAMPLE.findall(product.read("README.md")))
    for command in (
        {"target": "mine", "NAME": "Team Notes"},
        {"target": "without", "PART": "passkeys export", "LANGUAGE": "es"},
    ):
        done = product.make(**command)
        assert done.returncode == 0, done.stderr
    product.commit("notes: add", **examples)
    run(product.folder, "flask", "db", "upgrade", **DEVELOPMENT)
    run(product.folder, "flask", "db", "migrate", "-m", "create notes", **DEVELOPMENT)
    product.commit("notes: create the table")
    return product


def test_a_product_is_updated_to_this_version(product: Clone) -> None:
    done = product.make("update", TO=git(ROOT, "rev-parse", "HEAD"))
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr
    assert not (product.folder / "app/passkeys").exists()
    assert not (product.folder / "app/translations/es").exists()
    assert product.git("status", "--porcelain") == ""
    run(product.folder, "flask", "db", "upgrade", **DEVELOPMENT)
    run(product.folder, "flask", "db", "check", **DEVELOPMENT)
    if os.environ.get("REMOVALS") == "full":
        check_everything(product.folder)
    else:
        check_selected(product.folder, "tests/notes")
