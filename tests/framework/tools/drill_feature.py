"""W8: features of all types of fields pass the checks as `make feature` has written them.

They are written into a clone of the starter. Their tests and those of the migrations run on both
databases. `REMOVALS=full` runs the whole suite.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import databases, new_postgresql_database
from tests.framework.tools.conftest import Clone
from tests.framework.tools.suite import check_everything, check_selected, run

EVERY_TYPE = """
    title:str:120 subtitle:str:255? body:text:20000 summary:text:500? pages:int rating:int?
    price:decimal weight:decimal:9:3? urgent:bool due_on:date ends_on:date? starts_at:datetime
    ended_at:datetime? contact:email reply_to:email? website:url source:url?
    state:choice:draft|in_review|published size:choice:s|m|l|xl color:choice:red|green?
    project:ref:projects category:ref:team_categories? author:ref:users editor:ref:users?
"""
LONGEST = """
    titles_with_20_chars:str:10 second_with_20_chars:choice:one_is_long|two_is_long|three|four
    ref_with_twenty_chrs:ref:team_categories ref_to_project_twent:ref:projects?
    author_is_twenty_chr:ref:users? number_of_twenty_lon:int? decimal_of_twenty_lo:decimal?
    email_of_twenty_long:email? choice_of_twenty_lon:choice:the_first|the_second|the_third?
"""
FEATURES = [
    {"NAME": "notes", "FIELDS": "title:str:120 text:text:5000"},
    {"NAME": "projects", "FIELDS": "name:str:80"},
    {"NAME": "team_categories", "FIELDS": "name:str:80 summary:text:200?", "OWNER": "none"},
    {"NAME": "work_items", "FIELDS": " ".join(EVERY_TYPE.split())},
    {"NAME": "names_of_20_letterzs", "FIELDS": " ".join(LONGEST.split())},
    {
        "NAME": "unowned_items",
        "FIELDS": "name:str:1 category:ref:team_categories? author:ref:users?",
        "OWNER": "none",
    },
]
NAMES = [it["NAME"] for it in FEATURES]
GENERAL_TESTS = [
    "tests/framework/test_architecture.py",
    "tests/framework/test_budget.py",
    "tests/framework/test_call_paths.py",
    "tests/framework/test_config.py",
    "tests/framework/test_documents.py",
    "tests/framework/test_fragments.py",
    "tests/framework/test_input_size.py",
    "tests/framework/test_lists.py",
    "tests/framework/test_migrations.py",
    "tests/framework/test_pages_and_mails.py",
    "tests/framework/test_plans.py",
    "tests/framework/test_request_globals.py",
    "tests/framework/tools/test_parts.py",
    "tests/export",  # part: export
    "tests/languages",  # part: languages
    "tests/sessions/test_guards.py",
]
MANY_ROWS = '''
"""A list of 100,000 notes costs one statement, which an index answers."""

from app.database import db
from app.FEATURE.models import Note
from app.unit_of_work import unit_of_work
from sqlalchemy import insert
from tests.query_plans import scans, statements as statements


def test_each_page_of_many_notes_costs_one_statement(app, as_alice, alice, statements):
    rows = [{"user_id": alice.id, "title": f"Note {n:06}", "text": "-"} for n in range(100_000)]
    with app.app_context(), unit_of_work():
        db.session.execute(insert(Note), rows)
    path = "/notes?q=note+05"
    for number in (50_000, 50_025, 50_050):
        statements.clear()
        page = as_alice.page(path)
        assert f"Note {number:06}" in page.text
        of_notes = [it for it in statements if "FROM notes" in it]
        assert len(of_notes) == 1
        if db_url(app).startswith("postgresql"):
            assert scans(db_url(app), {it: statements[it] for it in of_notes}) == []
        path = page.one("a", rel="next").get("href")


def db_url(app):
    return app.config["DATABASE_URL"].replace("+psycopg", "")
'''


@pytest.fixture(scope="module")
def product(pure_starter: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The starter with all these features."""
    clone = pure_starter.copy_to(tmp_path_factory.mktemp("product"))
    for variables in FEATURES:
        done = clone.make("feature", **variables)
        assert done.returncode == 0, done.stderr
    return clone


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("bandit", "--quiet", "--recursive", "app", "migrations"),
        ("mypy",),
    ],
    ids=lambda it: "-".join(it[:2]),
)
def test_what_was_written_passes_lint_and_types(product: Clone, command: tuple[str, ...]) -> None:
    run(product.folder, *command)


def test_the_tests_that_were_written_pass(product: Clone) -> None:
    run(product.folder, "pytest", "-q", "-n0", *(f"tests/{name}" for name in NAMES))


def test_the_tests_of_the_starter_pass(product: Clone) -> None:
    if os.environ.get("REMOVALS") == "full":
        check_everything(product.folder)
        return
    paths = [path for path in GENERAL_TESTS if (product.folder / path).exists()]
    run(product.folder, "pytest", "-q", "-n0", *paths)


def test_the_texts_are_where_make_translations_has_them(product: Clone) -> None:
    programs = str(Path(sys.executable).parent)
    done = product.make("translations", BIN=programs, INSTALLED="")
    assert done.returncode == 0, done.stderr
    assert product.git("status", "--porcelain") == ""


def test_a_list_of_100_000_rows_costs_one_statement(product: Clone) -> None:
    product.write("tests/notes/test_many_notes.py", MANY_ROWS.replace("FEATURE", "notes"))
    run(product.folder, "pytest", "-q", "-n0", "tests/notes/test_many_notes.py")
    (product.folder / "tests/notes/test_many_notes.py").unlink()


@pytest.fixture
def database_urls(tmp_path: Path) -> Iterator[list[str]]:
    """The URLs of a new database of each kind."""
    with ExitStack() as opened:
        urls = [f"sqlite:///{tmp_path}/product.sqlite3"]
        if "postgresql" in databases():
            urls.append(opened.enter_context(new_postgresql_database()))
        yield urls


def test_features_can_be_removed_with_their_tables(
    product: Clone, tmp_path: Path, database_urls: list[str]
) -> None:
    left = product.copy_to(tmp_path)
    upgrade(left, database_urls)
    assert "needs projects" in left.make("without", PART="projects").stderr
    done = left.make("without", PART=" ".join(NAMES))
    assert done.returncode == 0, done.stderr
    assert "()" in left.read("app/product.py")
    upgrade(left, database_urls, "-x", "destructive=yes")
    check_selected(left.folder)


def upgrade(product: Clone, database_urls: list[str], *options: str) -> None:
    """Apply the migrations, and compare the tables with the models."""
    settings = {"FLASK_APP": "wsgi.py", "FLASK_DEBUG": "1"}
    for url in database_urls:
        run(product.folder, "flask", "db", "upgrade", *options, DATABASE_URL=url, **settings)
        run(product.folder, "flask", "db", "check", DATABASE_URL=url, **settings)
