"""W1: the recipes in docs/recipes, typed in as printed, work together and pass the checks.

`make recipes` types all of them into one copy of the project, and runs their tests, the checks of
types and style, and the tests of the starter that a new part could fail.
"""

from pathlib import Path

import pytest

from tests.framework.printed_examples import ROOT, copy_project, examples, run, type_in

RECIPES = sorted((ROOT / "docs/recipes").glob("*.md"))
INDEX = (ROOT / "docs/README.md").read_text()
STRUCTURE = (
    "tests/framework/test_access.py",
    "tests/framework/test_architecture.py",
    "tests/framework/test_config.py",
    "tests/framework/test_documents.py",
    "tests/framework/test_migrations.py",
    "tests/framework/test_pages_and_mails.py",
    "tests/framework/test_request_globals.py",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with all recipes."""
    copy = copy_project(tmp_path_factory.mktemp("recipes"))
    for recipe in RECIPES:
        type_in(copy, recipe)
    return copy


def printed_tests(recipe: Path) -> list[str]:
    return [path for path in examples(recipe) if Path(path).name.startswith("test_")]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_the_tests_of_a_recipe_pass_as_printed(project: Path, recipe: Path) -> None:
    for path in printed_tests(recipe):
        run(project, "pytest", "-q", "--numprocesses=0", path)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_in_the_index(recipe: Path) -> None:
    assert f"(recipes/{recipe.name})" in INDEX


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("bandit", "--quiet", "--recursive", "app", "migrations"),
        ("mypy",),
        ("pytest", "-q", *STRUCTURE),
    ],
    ids=lambda command: "-".join(command[:2]),
)
def test_the_recipes_pass_the_checks(project: Path, command: tuple[str, ...]) -> None:
    run(project, *command)
