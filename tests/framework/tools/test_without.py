"""`make without` removes parts in one commit, or says why it does not."""

import sys

import pytest

from tests.framework.tools.conftest import Clone


def test_without_a_name_it_lists_all_parts_and_why_some_stay(clone: Clone) -> None:
    listed = clone.make("without").stdout
    assert "shapes         Shapes\n" in listed
    assert "circles        Circles (needs shapes)\n" in listed
    assert "users          all parts that follow refer to it\n" in listed


def test_a_reader_that_ends_early_causes_no_error(clone: Clone) -> None:
    command = f"make without PART='shapes circles' TESTS=0 PYTHON={sys.executable} | true"
    assert "Error" not in clone.run("bash", "-c", command).stderr
    assert not (clone.folder / "app/shapes").exists()


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("nothing", "There is no part nothing. `make without` lists the parts."),
        ("users", "users cannot be removed: all parts that follow refer to it."),
        (
            "shapes",
            'circles needs shapes. Nothing was changed: remove both (PART="circles shapes")',
        ),
        ("squares", "There is no part squares."),
    ],
)
def test_a_part_that_cannot_be_removed_changes_nothing(
    part: str, reason: str, clone: Clone
) -> None:
    before = clone.state
    done = clone.make("without", PART=part)
    assert done.returncode != 0
    assert reason in done.stderr
    assert clone.state == before


def test_english_cannot_be_removed(clone: Clone) -> None:
    done = clone.make("without", LANGUAGE="en")
    assert "all texts are written in English" in done.stderr


def test_the_language_of_the_terminal_removes_nothing(clone: Clone) -> None:
    """The variable LANGUAGE is set on many machines; only variables given to make count."""
    assert "Parts that" in clone.run("make", "without", LANGUAGE="de").stdout


def test_a_working_tree_with_changes_is_refused(clone: Clone) -> None:
    clone.write("app/shapes/new.py", "")
    before = clone.state
    done = clone.make("without", PART="shapes circles")
    assert "has changes that are not committed" in done.stderr
    assert clone.state == before


def test_the_options_are_printed_before_anything_is_changed(clone: Clone) -> None:
    refused_by_a_file = {"app/hexagons/views.py": "from app.shapes import models\n"}
    clone.commit("use it", **refused_by_a_file)
    done = clone.make("without", PART="shapes circles", TESTS="1")
    assert "DRY=1 shows what would change, and TESTS=0" in done.stdout


def test_dry_prints_the_files_and_changes_nothing(clone: Clone) -> None:
    before = clone.state
    done = clone.make("without", PART="shapes circles", DRY="1")
    assert "app/shapes/models.py (gone)" in done.stdout
    assert clone.state == before


def test_a_file_of_the_product_that_imports_the_part_is_named(clone: Clone) -> None:
    clone.commit("use it", **{"app/hexagons/views.py": "from app.shapes import models\n"})
    before = clone.state
    done = clone.make("without", PART="shapes circles")
    assert "These files import what would be removed: app/hexagons/views.py." in done.stderr
    assert clone.state == before


def test_parts_are_removed_in_one_commit_that_can_be_reverted(clone: Clone) -> None:
    before = clone.git("rev-parse", "HEAD^{tree}")
    done = clone.make("without", PART="shapes,circles")
    assert done.returncode == 0, done.stderr
    assert clone.git("rev-list", "--count", "HEAD~1..HEAD") == "1"
    assert not (clone.folder / "app/shapes").exists()
    assert "shapely" not in clone.read("pyproject.toml") + clone.read("requirements.txt")
    assert 'removed = ["circles", "shapes"]' in clone.read("pyproject.toml")
    assert "shapes has been removed already" in clone.make("without", PART="shapes").stderr
    clone.git("revert", "--no-edit", "HEAD")
    assert clone.git("rev-parse", "HEAD^{tree}") == before


def test_its_last_migration_stays_as_an_empty_one_and_its_tables_are_dropped(
    clone: Clone,
) -> None:
    done = clone.make("without", PART="shapes circles")
    assert "flask db upgrade -x destructive=yes" in done.stdout
    assert 'kept_revisions = ["shapes"]' in clone.read("pyproject.toml")
    [drop] = (clone.folder / "migrations/versions").glob("*_drop_shapes.py")
    assert '"shapes",' in drop.read_text()
    assert "create" not in clone.read("migrations/versions/20980101_shapes.py")
