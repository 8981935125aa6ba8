"""`make mine` gives a clone the name of its product."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.framework.document_links import broken_links
from tests.framework.tools.conftest import Clone
from tools.git import Refused, files
from tools.rename import identifier_for, require_name

# A command in a document: in backquotes, or at the start of a line of a block.
COMMAND = re.compile(r"(?:`|^)make ([a-z-]+)", re.MULTILINE)


@pytest.fixture(scope="session")
def renamed(pure_starter: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    product = pure_starter.copy_to(tmp_path_factory.mktemp("renamed"))
    done = product.make("mine", NAME="Bücher & Söhne's")
    assert done.returncode == 0, done.stderr
    return product


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


@pytest.mark.parametrize("name", ["日本", "3D", "App", "Postgres", "Upstream"])
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


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Give the product a name"),
        ("3 4", "needs at least one letter"),
        ("-a", "must begin with a letter or digit"),
    ],
)
def test_a_refused_name_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        require_name(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("日本", "it has no letter from a to z"),
        ("3D", "it begins with a digit"),
        ("Redis", "has this name already"),
    ],
)
def test_a_refused_identifier_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        identifier_for(name)


# part: nginx
def test_a_file_is_never_moved_onto_another(clone: Clone) -> None:
    clone.commit("add", **{"deploy/nginx/notes.conf": "own\n"})
    before = clone.state
    done = clone.make("mine", NAME="Notes")
    assert "notes.conf, which exists" in done.stderr
    assert clone.state == before


# end part: nginx


def test_a_refused_name_changes_nothing(clone: Clone) -> None:
    before = clone.state
    done = clone.make("mine", NAME='Say "hi"')
    assert "cannot contain" in done.stderr
    assert clone.state == before


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("Cash $App", "'$'"),
        ("Cash $(App", "'$' '('"),
        ('It\'s "ours" $(shell touch made) `touch made` \\ #1', "'\"' '#' '$' '(' ')' '\\\\' '`'"),
    ],
)
def test_make_passes_the_name_on_as_it_was_typed(clone: Clone, name: str, refused: str) -> None:
    done = clone.make("mine", NAME=name)
    assert f"The name cannot contain {refused}. Use letters" in done.stderr
    assert not (clone.folder / "made").exists()


def test_a_name_may_have_quotes_and_spaces(clone: Clone) -> None:
    done = clone.make("mine", NAME="  Söhne's   Books & Co. ", DRY="1")
    assert 'Name the product "Söhne\'s Books & Co.", and its files' in done.stdout


def test_an_identifier_that_was_cut_is_announced(clone: Clone) -> None:
    name = "International Collaboration Notes"
    announced = clone.make("mine", NAME=name, DRY="1").stdout
    assert "databases 'international_collaborat'.\nThat is cut to 24 characters." in announced
    chosen = clone.make("mine", NAME=name, IDENTIFIER="collaboration", DRY="1").stdout
    assert "cut to" not in chosen


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


def test_the_suite_of_a_product_can_be_collected(renamed: Clone) -> None:
    done = renamed.run(sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0")
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr


def test_the_links_in_the_documents_of_a_product_are_valid(renamed: Clone) -> None:
    for document in documents(renamed):
        assert broken_links(document) == [], document.name


def test_the_commands_in_the_documents_of_a_product_exist(renamed: Clone) -> None:
    targets = set(re.findall(r"^([a-z-]+):", renamed.read("Makefile"), re.MULTILINE))
    for document in documents(renamed):
        assert set(COMMAND.findall(document.read_text())) <= targets, document.name


def documents(product: Clone) -> list[Path]:
    return sorted([*product.folder.glob("*.md"), *(product.folder / "docs").rglob("*.md")])


def test_the_base_is_the_commit_of_the_starter_and_not_of_an_earlier_feature(
    pure_clone: Clone,
) -> None:
    begun_with = pure_clone.git("rev-parse", "HEAD")
    pure_clone.commit("notes: add", **{"app/notes.py": ""})
    done = pure_clone.make("mine", NAME="Team Notes")
    assert done.returncode == 0, done.stderr
    assert f'base = "{begun_with}"' in pure_clone.read("pyproject.toml")


def test_the_command_says_how_to_keep_the_development_data(pure_clone: Clone) -> None:
    pure_clone.write("instance/lockstep.sqlite3", "")
    done = pure_clone.make("mine", NAME="Team Notes")
    assert "mv instance/lockstep.sqlite3 instance/team_notes.sqlite3" in done.stdout
