"""Search boxes: the rows whose text starts with a term, found by an index on both databases."""

from collections.abc import Callable, Iterator

import pytest
from flask import render_template_string
from sqlalchemy import Connection, select, text

from app.application import Application
from app.database import db, search_key, starts_with
from app.web.pagination import paginate
from app.web.search import MAX_TERM_LENGTH, search_term
from tests.databases import on_postgresql
from tests.framework.paged_rows import Book, add_books, paged_tables
from tests.page import Page
from tests.view_site import Site

PAGE = """
{% extends "layout.html" %}
{% from "components/search_box.html" import search_box %}
{% from "components/no_results.html" import no_results %}
{% from "components/pager.html" import pager %}
{% block title %}Books{% endblock %}
{% block content %}
<h1>Books</h1>
{{ search_box("Search books", term) }}
<ul>{% for book in page.rows %}<li>{{ book.title }}</li>{% endfor %}</ul>
{% if not page.rows %}{{ no_results(term) }}{% endif %}
{{ pager(page) }}
{% endblock %}
"""


@pytest.fixture
def rows(clean_database: str) -> Iterator[Connection]:
    with paged_tables(clean_database) as connection:
        yield connection


@pytest.fixture
def site(site: Site) -> Site:
    """A site with a list of books that can be searched."""

    @site.view("GET", path="/books")
    def books() -> str:
        matching = select(Book).where(starts_with(Book.title, search_term()))
        page = paginate(matching.order_by(search_key(Book.title), Book.id))
        return render_template_string(PAGE, page=page, term=search_term())

    return site


def add_titles(rows: Connection, *titles: str) -> None:
    for number, title in enumerate(titles):
        rows.execute(Book.__table__.insert().values(id=number, rank=0, title=title))


def titles_found(app: Application, term: str) -> list[str]:
    found = select(Book.title).where(starts_with(Book.title, term)).order_by(Book.id)
    with app.app_context():
        return list(db.session.scalars(found))


def test_a_term_matches_the_start_of_a_text_in_upper_and_lower_case(
    app: Application, rows: Connection
) -> None:
    add_titles(rows, "Apple", "apple pie", "APPLY", "Pineapple", "Banana", "")
    assert titles_found(app, "appl") == ["Apple", "apple pie", "APPLY"]
    assert titles_found(app, "APPLE") == ["Apple", "apple pie"]
    assert titles_found(app, "apple pie and more") == []
    assert len(titles_found(app, "")) == 6


@pytest.mark.parametrize("term", ["%", "_", "\\", "'", "[a", "\\%", "*", "a%"])
def test_no_character_of_a_term_has_a_special_meaning(
    app: Application, rows: Connection, term: str
) -> None:
    add_titles(rows, "plain", "ab", f"{term} first")
    assert titles_found(app, term) == [f"{term} first"]


def test_text_in_any_script_is_found(
    app: Application, rows: Connection, is_postgresql: bool
) -> None:
    add_titles(rows, "École", "école", "日本語", "😀 smile", "Straße", "ab\U0010fffe")
    assert titles_found(app, "日本") == ["日本語"]
    assert titles_found(app, "😀") == ["😀 smile"]
    assert titles_found(app, "STRA") == ["Straße"]
    assert titles_found(app, "AB") == ["ab\U0010fffe"]
    # SQLite folds only ASCII letters.
    assert titles_found(app, "Éco") == (["École", "école"] if is_postgresql else ["École"])


@on_postgresql
def test_the_collation_of_a_column_does_not_matter(
    make_app: Callable[..., Application], rows: Connection
) -> None:
    """In English, `äbc` is between `ab` and the last text that starts with it."""
    rows.exec_driver_sql(
        'ALTER TABLE paged_books ALTER COLUMN title TYPE varchar(40) COLLATE "en-x-icu"'
    )
    add_titles(rows, "abc", "äbc", "ABD", "a b")
    app = make_app()  # whose connections have no prepared statement yet
    assert titles_found(app, "ab") == ["abc", "ABD"]
    assert titles_found(app, "Ä") == ["äbc"]


def test_the_search_and_its_order_use_one_index(
    site: Site, rows: Connection, is_postgresql: bool
) -> None:
    """On PostgreSQL also in a prepared statement, whose plan is made before the term is known."""
    add_books(rows)
    found = select(Book).where(starts_with(Book.title, "title 777"))
    statement = found.order_by(search_key(Book.title), Book.id).limit(26)
    sql = str(statement.compile(rows, compile_kwargs={"literal_binds": True}))
    if is_postgresql:
        rows.execute(text("SET plan_cache_mode = force_generic_plan"))
        rows.exec_driver_sql(f"PREPARE search(text) AS {sql.replace(repr('title 777'), '$1')}")
        plan = rows.exec_driver_sql("EXPLAIN EXECUTE search('title 777')").scalars().all()
    else:
        plan = [row.detail for row in rows.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    text_of_plan = "\n".join(plan)
    assert "ix_paged_books_title" in text_of_plan
    assert "Sort" not in text_of_plan
    assert "B-TREE" not in text_of_plan


# --- The search box ------------------------------------------------------------------------------


def clear_link(page: Page) -> str:
    [link] = [it for it in page.all("a") if it.text == "Clear search"]
    return link.get("href")


def titles_on(page: Page) -> list[str]:
    return [it.text for it in page.all("li") if it.is_within("main")]


def test_a_user_searches_goes_through_the_results_and_clears_the_search(
    site: Site, rows: Connection
) -> None:
    add_books(rows, 100)
    box = site.client.page("/books").one("input", type="search")
    assert site.client.page("/books").one("label", **{"for": box.get("id")}).text == "Search books"
    found = titles_on(site.client.page("/books?q=TITLE+9"))
    assert found == ["Title 9", *[f"Title {n}" for n in range(90, 100)]]
    page = site.client.page("/books?q=title&tag=x")
    page = site.client.page(page.one("a", rel="next").get("href"))
    assert len(titles_on(page)) == 25
    assert page.one("input", type="search").get("value") == "title"
    assert clear_link(page) == "/books?tag=x"


def test_a_search_without_results_says_so(site: Site, rows: Connection) -> None:
    add_titles(rows, "Apple")
    page = site.client.page("/books?q=<b>pear")
    assert "Nothing starts with “<b>pear”." in page.text
    assert clear_link(page) == "/books"


@pytest.mark.parametrize("term", ["  apple ", "apple\t", " " * 60 + "apple"])
def test_blanks_around_a_term_are_ignored(site: Site, rows: Connection, term: str) -> None:
    add_titles(rows, "Apple")
    assert "Apple" in site.client.get("/books", query_string={"q": term}).text


def test_a_term_has_a_maximum_length(app: Application) -> None:
    with app.test_request_context(query_string={"q": "x" * 5000}):
        assert len(search_term()) == MAX_TERM_LENGTH


def test_a_page_can_have_another_search(app: Application) -> None:
    with app.test_request_context("/books?q=a&owner=b"):
        box = render_template_string(
            '{% from "components/search_box.html" import search_box %}'
            '{{ search_box("Owner", "b", "owner") }}'
        )
        assert 'href="/books?q=a"' in box
        assert search_term("owner") == "b"
