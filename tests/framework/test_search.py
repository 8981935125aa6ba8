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
from tests.framework.paged_rows import Note, add_notes, paged_tables
from tests.page import Page
from tests.view_site import Site

PAGE = """
{% extends "layout.html" %}
{% from "components/search_box.html" import search_box %}
{% from "components/no_results.html" import no_results %}
{% from "components/pager.html" import pager %}
{% block title %}Notes{% endblock %}
{% block content %}
<h1>Notes</h1>
{{ search_box("Search notes", term) }}
<ul>{% for note in page.rows %}<li>{{ note.title }}</li>{% endfor %}</ul>
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
    """A site with a list of notes that can be searched."""

    @site.view("GET", path="/notes")
    def notes() -> str:
        matching = select(Note).where(starts_with(Note.title, search_term()))
        page = paginate(matching.order_by(search_key(Note.title), Note.id))
        return render_template_string(PAGE, page=page, term=search_term())

    return site


def add_titles(rows: Connection, *titles: str) -> None:
    for number, title in enumerate(titles):
        rows.execute(Note.__table__.insert().values(id=number, rank=0, title=title))


def titles_found(app: Application, term: str) -> list[str]:
    found = select(Note.title).where(starts_with(Note.title, term)).order_by(Note.id)
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
        'ALTER TABLE paged_notes ALTER COLUMN title TYPE varchar(40) COLLATE "en-x-icu"'
    )
    add_titles(rows, "abc", "äbc", "ABD", "a b")
    app = make_app()  # whose connections have no prepared statement yet
    assert titles_found(app, "ab") == ["abc", "ABD"]
    assert titles_found(app, "Ä") == ["äbc"]


def test_the_search_and_its_order_use_one_index(
    site: Site, rows: Connection, is_postgresql: bool
) -> None:
    """On PostgreSQL also in a prepared statement, whose plan is made before the term is known."""
    add_notes(rows)
    found = select(Note).where(starts_with(Note.title, "title 777"))
    statement = found.order_by(search_key(Note.title), Note.id).limit(26)
    sql = str(statement.compile(rows, compile_kwargs={"literal_binds": True}))
    if is_postgresql:
        rows.execute(text("SET plan_cache_mode = force_generic_plan"))
        rows.exec_driver_sql(f"PREPARE search(text) AS {sql.replace(repr('title 777'), '$1')}")
        plan = rows.exec_driver_sql("EXPLAIN EXECUTE search('title 777')").scalars().all()
    else:
        plan = [row.detail for row in rows.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    text_of_plan = "\n".join(plan)
    assert "ix_paged_notes_title" in text_of_plan
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
    add_notes(rows, 100)
    box = site.client.page("/notes").one("input", type="search")
    assert site.client.page("/notes").one("label", **{"for": box.get("id")}).text == "Search notes"
    found = titles_on(site.client.page("/notes?q=TITLE+9"))
    assert found == ["Title 9", *[f"Title {n}" for n in range(90, 100)]]
    page = site.client.page("/notes?q=title&tag=x")
    page = site.client.page(page.one("a", rel="next").get("href"))
    assert len(titles_on(page)) == 25
    assert page.one("input", type="search").get("value") == "title"
    assert clear_link(page) == "/notes?tag=x"


def test_a_search_without_results_says_so(site: Site, rows: Connection) -> None:
    add_titles(rows, "Apple")
    page = site.client.page("/notes?q=<b>pear")
    assert "Nothing starts with “<b>pear”." in page.text
    assert clear_link(page) == "/notes"


@pytest.mark.parametrize("term", ["  apple ", "apple\t", " " * 60 + "apple"])
def test_blanks_around_a_term_are_ignored(site: Site, rows: Connection, term: str) -> None:
    add_titles(rows, "Apple")
    assert "Apple" in site.client.get("/notes", query_string={"q": term}).text


def test_a_term_has_a_maximum_length(app: Application) -> None:
    with app.test_request_context(query_string={"q": "x" * 5000}):
        assert len(search_term()) == MAX_TERM_LENGTH


def test_a_page_can_have_another_search(app: Application) -> None:
    with app.test_request_context("/notes?q=a&owner=b"):
        box = render_template_string(
            '{% from "components/search_box.html" import search_box %}'
            '{{ search_box("Owner", "b", "owner") }}'
        )
        assert 'href="/notes?q=a"' in box
        assert search_term("owner") == "b"
