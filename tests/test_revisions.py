"""What is read of migrations where the site is served: the same as Alembic says."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.application import Application
from app.database import db, revisions
from app.database.revisions import applied_revisions, known_revisions, newest
from tests.serving import ROOT

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Add a migration to a copy of ours: write("name", "what it says of itself")."""
    folder = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    monkeypatch.setattr(revisions, "VERSIONS", folder / "versions")
    return lambda name, said: (folder / "versions" / f"{name}.py").write_text(said) and None


def alembic() -> tuple[dict[str, set[str]], set[str]]:
    scripts = ScriptDirectory(str(revisions.VERSIONS.parent))
    known = {it.revision: revisions.as_set(it.down_revision) for it in scripts.walk_revisions()}
    return known, set(scripts.get_heads())


def test_each_revision_is_known_with_the_one_before_it() -> None:
    known = known_revisions()
    assert (known, newest(known)) == alembic()


@pytest.mark.parametrize(
    "two", ["('x', 'y')", "(\n    'x',\n    'y',\n)"], ids=["on one line", "on several"]
)
def test_two_lines_of_migrations_meet_in_one(write: Write, two: str) -> None:
    [last] = newest(known_revisions())
    write("x", f"revision: str = 'x'\ndown_revision: str | None = {last!r}\n")
    write("y", f'"""Another"""\n\nrevision = "y"  # why\ndown_revision = "{last}"\n')
    assert newest(known_revisions()) == {"x", "y"}
    write("both", f"revision = 'both'\ndown_revision = {two}\n\n\ndef upgrade(): ...\n")
    known = known_revisions()
    assert (known, newest(known)) == alembic()
    assert newest(known) == {"both"}


def test_a_migrated_database_has_the_newest(app: Application) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert applied_revisions(connection) == newest(known_revisions())
