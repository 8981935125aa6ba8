"""docs/lists.md: its example works as printed, on both databases."""

import re
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask_migrate import check
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import insert
from sqlalchemy.exc import SAWarning

from app.application import Application
from app.database import db, search_key
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import signed_in
from tests.framework.printed_examples import ROOT, examples
from tests.page import Page

PAGE = ROOT / "docs/lists.md"
# A product may have notes, so they have another name here.
NAME = "listed_notes"
IMPORTED = "from app.database import Model, search_key"
OTHER_MODEL = "from tests.framework.example_models import Model"
FILES = {
    path.replace("notes", NAME): it.replace("notes", NAME) for path, it in examples(PAGE).items()
}
[printed] = re.findall(r"^op\.create_index.*$", PAGE.read_text(), re.MULTILINE)
INDEX = printed.replace("notes", NAME)
NOTE_PAGE = """
{% extends "layout.html" %}
{% block title %}Note{% endblock %}
{% block content %}<h1>{{ note.title }}</h1>{% endblock %}
"""
PAGES = {
    f"{NAME}/{NAME}.html": FILES[f"app/templates/{NAME}/{NAME}.html"],
    f"{NAME}/note.html": NOTE_PAGE,
}


def run_example(path: str) -> Any:
    """Run a file of the example as the module that it is in a product."""
    module = ModuleType(path.removesuffix(".py").replace("/", "."))
    sys.modules[module.__name__] = module
    text = FILES[path].replace(IMPORTED, f"from app.database import search_key\n{OTHER_MODEL}")
    exec(compile(text, path, "exec"), module.__dict__)  # noqa: S102  # our own document
    return module


@pytest.fixture
def example(app: Application) -> Iterator[Any]:
    """The view of the example, whose table is forgotten at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # the class exists: the fixture runs twice
        models = run_example(f"app/{NAME}/models.py")
    yield run_example(f"app/{NAME}/views.py")
    db.metadata.remove(models.Note.__table__)
    del sys.modules[f"app.{NAME}.models"], sys.modules[f"app.{NAME}.views"]


@pytest.fixture
def site(example: Any, make_app: Callable[..., Application]) -> Iterator[Application]:
    """The application with the example, its table, and the index of its revision."""
    app = make_app(example.blueprint)
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([DictLoader(PAGES), app.jinja_loader])
    table = example.Note.__table__
    with app.app_context(), db.engine.begin() as connection:
        table.create(connection)
        connection.exec_driver_sql(f"DROP INDEX ix_{NAME}_title")
        op = Operations(MigrationContext.configure(connection))
        exec(INDEX, {"op": op, "sa": sa, "search_key": search_key})  # noqa: S102  # our own document
    yield app
    with app.app_context():
        table.drop(db.engine)


@pytest.fixture
def note_ids(site: Application, example: Any, alice: User, bob: User) -> list[int]:
    """The ids of 60 notes of Alice, and of one of Bob."""
    titles = [(alice.id, f"{word} {n:02}") for word in ("Apple", "Pear") for n in range(30)]
    rows = [{"user_id": owner, "title": it} for owner, it in [*titles, (bob.id, "Apple of Bob")]]
    with site.app_context(), unit_of_work():
        return list(db.session.scalars(insert(example.Note).returning(example.Note.id), rows))


def titles_on(page: Page) -> list[str]:
    return [it.text for it in page.all("li") if it.is_within("main")]


def test_alice_goes_through_her_notes_and_back(
    site: Application, note_ids: list[int], alice: User
) -> None:
    browser, shown, path = signed_in(site, alice), [], f"/{NAME}"
    while path:
        page = browser.page(path)
        shown += titles_on(page)
        path = "".join(it.get("href") for it in page.all("a") if it.text == "Next")
    assert shown == [f"{word} {n:02}" for word in ("Apple", "Pear") for n in range(30)]
    [previous] = [it.get("href") for it in page.all("a") if it.text == "Previous"]
    assert titles_on(browser.page(previous)) == shown[25:50]


def test_alice_searches_her_notes(site: Application, note_ids: list[int], alice: User) -> None:
    browser = signed_in(site, alice)
    page = browser.page(f"/{NAME}?q=pEaR")
    assert titles_on(page) == [f"Pear {n:02}" for n in range(25)]
    page = browser.page(page.one("a", rel="next").get("href"))
    assert titles_on(page) == [f"Pear {n:02}" for n in range(25, 30)]
    assert page.one("input", type="search").get("value") == "pEaR"
    assert "Nothing starts with “plum”." in browser.page(f"/{NAME}?q=plum").text


def test_a_note_of_bob_is_not_found(
    site: Application, note_ids: list[int], alice: User, bob: User
) -> None:
    of_bob = f"/{NAME}/{note_ids[-1]}"
    assert signed_in(site, bob).page(of_bob).one("h1").text == "Apple of Bob"
    assert signed_in(site, alice).get(of_bob).status_code == 404
    assert signed_in(site, alice).get(f"/{NAME}/{note_ids[-1] + 1}").status_code == 404


def test_the_models_and_the_database_agree_about_the_index(site: Application) -> None:
    with site.app_context():
        check()  # raises CommandError for a difference
