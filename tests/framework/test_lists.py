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
FILES = examples(PAGE)
[INDEX] = re.findall(r"^op\.create_index.*$", PAGE.read_text(), re.MULTILINE)
BOOK_PAGE = """
{% extends "layout.html" %}
{% block title %}Book{% endblock %}
{% block content %}<h1>{{ book.title }}</h1>{% endblock %}
"""
PAGES = {"books/books.html": FILES["app/templates/books/books.html"], "books/book.html": BOOK_PAGE}


def run_example(path: str) -> Any:
    """Run a file of the example as the module that it is in a product."""
    module = ModuleType(path.removesuffix(".py").replace("/", "."))
    sys.modules[module.__name__] = module
    exec(compile(FILES[path], path, "exec"), module.__dict__)  # noqa: S102  # our own document
    return module


@pytest.fixture
def example(app: Application) -> Iterator[Any]:
    """The view of the example, whose table is forgotten at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # the class exists: the fixture runs twice
        models = run_example("app/books/models.py")
    yield run_example("app/books/views.py")
    db.metadata.remove(models.Book.__table__)
    del sys.modules["app.books.models"], sys.modules["app.books.views"]


@pytest.fixture
def site(example: Any, make_app: Callable[..., Application]) -> Iterator[Application]:
    """The application with the example, its table, and the index of its revision."""
    app = make_app(example.blueprint)
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([DictLoader(PAGES), app.jinja_loader])
    table = example.Book.__table__
    with app.app_context(), db.engine.begin() as connection:
        table.create(connection)
        connection.exec_driver_sql("DROP INDEX ix_books_title")
        op = Operations(MigrationContext.configure(connection))
        exec(INDEX, {"op": op, "sa": sa, "search_key": search_key})  # noqa: S102  # our own document
    yield app
    with app.app_context():
        table.drop(db.engine)


@pytest.fixture
def book_ids(site: Application, example: Any, alice: User, bob: User) -> list[int]:
    """The ids of 60 books of Alice, and of one of Bob."""
    titles = [(alice.id, f"{word} {n:02}") for word in ("Apple", "Pear") for n in range(30)]
    rows = [{"user_id": owner, "title": it} for owner, it in [*titles, (bob.id, "Apple of Bob")]]
    with site.app_context(), unit_of_work():
        return list(db.session.scalars(insert(example.Book).returning(example.Book.id), rows))


def titles_on(page: Page) -> list[str]:
    return [it.text for it in page.all("li") if it.is_within("main")]


def test_alice_goes_through_her_books_and_back(
    site: Application, book_ids: list[int], alice: User
) -> None:
    browser, shown, path = signed_in(site, alice), [], "/books"
    while path:
        page = browser.page(path)
        shown += titles_on(page)
        path = "".join(it.get("href") for it in page.all("a") if it.text == "Next")
    assert shown == [f"{word} {n:02}" for word in ("Apple", "Pear") for n in range(30)]
    [previous] = [it.get("href") for it in page.all("a") if it.text == "Previous"]
    assert titles_on(browser.page(previous)) == shown[25:50]


def test_alice_searches_her_books(site: Application, book_ids: list[int], alice: User) -> None:
    browser = signed_in(site, alice)
    page = browser.page("/books?q=pEaR")
    assert titles_on(page) == [f"Pear {n:02}" for n in range(25)]
    page = browser.page(page.one("a", rel="next").get("href"))
    assert titles_on(page) == [f"Pear {n:02}" for n in range(25, 30)]
    assert page.one("input", type="search").get("value") == "pEaR"
    assert "Nothing starts with “plum”." in browser.page("/books?q=plum").text


def test_a_book_of_bob_is_not_found(
    site: Application, book_ids: list[int], alice: User, bob: User
) -> None:
    of_bob = f"/books/{book_ids[-1]}"
    assert signed_in(site, bob).page(of_bob).one("h1").text == "Apple of Bob"
    assert signed_in(site, alice).get(of_bob).status_code == 404
    assert signed_in(site, alice).get(f"/books/{book_ids[-1] + 1}").status_code == 404


def test_the_models_and_the_database_agree_about_the_index(site: Application) -> None:
    with site.app_context():
        check()  # raises CommandError for a difference
