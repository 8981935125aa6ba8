"""`make mine` gives a clone the name of its product."""

import tomllib

import pytest

from tests.framework.tools.conftest import Clone
from tools.git import Refused, files
from tools.rename import identifier_for, require_name


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Team Notes", "team_notes"),
        ("Bücher & Söhne's", "bucher_sohnes"),
        ("ÉCOLE № 5", "ecole_no_5"),
        ("The longest name that a product can ha", "the_longest_name_that_a"),
    ],
)
def test_files_and_databases_are_named_in_ascii(name: str, identifier: str) -> None:
    assert identifier_for(name) == identifier


@pytest.mark.parametrize("name", ["日本", "3D", "App", "Postgres"])
def test_a_name_that_files_cannot_have_asks_for_an_identifier(name: str) -> None:
    with pytest.raises(Refused, match="IDENTIFIER=team_notes"):
        identifier_for(name)
    assert identifier_for(name, "nihon") == "nihon"


@pytest.mark.parametrize("identifier", ["Nihon", "a-b", "1a", "a" * 25, "../etc"])
def test_an_identifier_that_files_cannot_have_is_refused(identifier: str) -> None:
    with pytest.raises(Refused, match="IDENTIFIER"):
        identifier_for("日本", identifier)


@pytest.mark.parametrize(
    "name",
    ["", " ", "...", "a\nb", "a\tb", 'say "hi"', "a\\b", "$HOME", "a%sb", "a{b}", "<b>", "x" * 41],
)
def test_a_name_that_breaks_a_file_or_an_email_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        require_name(name)


def test_a_refused_name_changes_nothing(clone: Clone) -> None:
    before = clone.state
    done = clone.make("mine", NAME='Say "hi"')
    assert "cannot contain" in done.stderr
    assert clone.state == before


def test_the_name_of_the_machine_is_not_taken(clone: Clone) -> None:
    """WSL sets NAME in every environment."""
    assert 'make mine NAME="Team Notes"' in clone.run("make", "mine", NAME="LAPTOP").stderr


def test_the_product_has_its_name_everywhere(clone: Clone) -> None:
    name = "Bücher & Söhne's"
    done = clone.make("mine", NAME=name)
    assert done.returncode == 0, done.stderr
    assert "app/static/tokens.css" in done.stdout
    assert clone.read("README.md").startswith(f"# {name}\n")
    assert clone.read("CHANGELOG.md").count("\n") == 5
    assert f'APP_NAME: str = "{name}"' in clone.read("config.py")
    settings = tomllib.loads(clone.read("pyproject.toml"))
    assert settings["project"]["name"] == "bucher-sohnes"
    assert "bucher-sohnes (pyproject.toml)" in clone.read("requirements.txt")
    left = clone.run("git", "grep", "-il", "lockstep").stdout.split()
    own = ("tools/", "tests/framework/tools/", "docs/make-it-yours.md", "LICENSE", "README.md")
    assert [path for path in left if not path.startswith(own)] == ["pyproject.toml"]
    assert [path for path in files(clone.folder) if "lockstep" in path] == []


def test_what_is_about_the_starter_is_removed_unless_it_is_kept(clone: Clone) -> None:
    assert clone.make("mine", NAME="Team Notes", KEEP="benchmarks").returncode == 0
    assert (clone.folder / "benchmarks").is_dir()
    assert not (clone.folder / "docs/screenshots").exists()
    assert not (clone.folder / "tests/framework/drill_readme.py").exists()
    assert "This is Team Notes already" in clone.make("mine", NAME="Others").stderr


def test_an_unknown_part_to_keep_is_refused(clone: Clone) -> None:
    assert "KEEP can name benchmarks" in clone.make("mine", NAME="Notes", KEEP="docs").stderr
