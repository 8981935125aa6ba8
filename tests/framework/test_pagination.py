"""Lists in pages: paginate() shows each row once, whatever happens between two pages."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from subprocess import Popen
from typing import Any
from uuid import UUID

import pytest
from flask import jsonify, request
from sqlalchemy import Connection, Select, String, cast, desc, event, func, select, text
from sqlalchemy.orm import aliased

from app.application import Application
from app.database import OrderRejected, db, search_key
from app.users.models import User
from app.web.pagination import paginate
from tests.framework.paged_rows import (
    COUNT,
    FIRST_ID,
    Book,
    Sample,
    add_books,
    kept_ids,
    paged_tables,
)
from tests.processes import SECRET_KEY
from tests.view_site import Site

ORDERS: dict[str, list[Any]] = {
    "newest first": [Book.id.desc()],
    "oldest first": [Book.id],
    "two columns": [Book.rank, Book.id],
    "two columns, descending": [Book.rank.desc(), Book.id.desc()],
    "mixed directions": [Book.rank.desc(), Book.id.asc()],
    "by title": [search_key(Book.title), Book.id],
}


@pytest.fixture
def rows(clean_database: str) -> Iterator[Connection]:
    """A connection to a database with the tables of this test."""
    with paged_tables(clean_database) as connection:
        yield connection


@pytest.fixture
def listing(site: Site, rows: Connection) -> Site:
    """A site with the list of books, at /books?order=…"""

    @site.view("GET", path="/books")
    def books() -> Any:
        order = ORDERS[request.args.get("order", "newest first")]
        return page_of(select(Book).order_by(*order))

    @site.view("GET", path="/other")
    def other() -> Any:
        return page_of(select(Book).order_by(Book.id.desc()))

    return site


def page_of(statement: Select[tuple[Any]]) -> Any:
    page = paginate(statement)
    return jsonify(ids=[row.id for row in page.rows], older=page.older, newer=page.newer)


def walk(site: Site, path: str | None, direction: str = "older") -> list[int]:
    """Return the ids on all pages from a page on, as they are listed."""
    pages = []
    while path:
        page = site.get(path).json
        pages.append(page["ids"])
        path = page[direction]
        assert len(pages) < 2000, "the pages do not end"
    in_order = pages if direction == "older" else pages[::-1]
    return [row for ids in in_order for row in ids]


def last_page(site: Site, path: str) -> str:
    while older := site.get(path).json["older"]:
        path = older
    return path


def show(site: Site, size: int) -> None:
    """Choose how many rows a page shows."""
    assert site.client.submit("/preferences", page_size=str(size)).status_code == 303


@pytest.fixture
def statements(listing: Site) -> Iterator[list[tuple[str, Any]]]:
    """The statements about the books from here on, with their values."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if "paged_books" in statement:
            sent.append((statement, values))

    with listing.app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


# --- Each row is listed once ---------------------------------------------------------------------


def test_each_of_100_000_rows_is_listed_once_while_processes_add_and_delete_others(
    listing: Site, rows: Connection, process: Callable[..., Popen[str]]
) -> None:
    add_books(rows)
    kept = kept_ids(rows)
    show(listing, 100)
    writers = [process("tests.framework.paged_rows") for _ in range(2)]
    listed = walk(listing, "/books?order=two columns, descending")
    assert [writer.poll() for writer in writers] == [None, None], "they changed rows all the time"
    ids = set(rows.scalars(select(Book.id)))
    assert len({it for it in ids if it >= FIRST_ID + COUNT}) > 100, "rows were added"
    assert len({it for it in ids if it < FIRST_ID + COUNT}) < COUNT - 100, "rows were deleted"
    assert len(listed) == len(set(listed))
    assert kept <= set(listed)


@pytest.mark.parametrize("order", ORDERS)
def test_paging_backwards_shows_the_same_rows(listing: Site, rows: Connection, order: str) -> None:
    add_books(rows, 120)
    path = f"/books?order={order}"
    expected = list(rows.scalars(select(Book.id).order_by(*ORDERS[order])))
    assert walk(listing, path) == expected
    assert walk(listing, last_page(listing, path), "newer") == expected


def test_a_page_follows_on_from_a_row_that_was_deleted(listing: Site, rows: Connection) -> None:
    add_books(rows, 60)
    first = listing.get("/books").json
    rows.execute(Book.__table__.delete().where(Book.id.in_(first["ids"])))
    assert listing.get(first["older"]).json["ids"] == [FIRST_ID + n for n in range(34, 9, -1)]


def test_beyond_the_last_row_there_is_no_row_and_a_link_to_the_first_page(
    listing: Site, rows: Connection
) -> None:
    """A reader who follows the links, such as a program, sees no row twice."""
    add_books(rows, 26)
    first = listing.get("/books?order=oldest first").json
    rows.execute(text("DELETE FROM paged_books WHERE rank = 1975"))  # the last one
    assert listing.get(first["older"]).json == {
        "ids": [],
        "older": None,
        "newer": "/books?order=oldest+first",
    }


def test_before_the_first_row_there_is_a_link_to_the_first_page(
    listing: Site, rows: Connection
) -> None:
    add_books(rows, 30)
    second = listing.get(listing.get("/books").json["older"]).json
    rows.execute(Book.__table__.delete().where(Book.id > second["ids"][0]))
    page = listing.get(second["newer"]).json
    assert page == {"ids": [], "older": "/books", "newer": None}


# --- One statement, by an index ------------------------------------------------------------------


def test_a_page_is_one_statement_that_reads_only_its_rows(
    listing: Site, rows: Connection, statements: list[tuple[str, Any]], is_postgresql: bool
) -> None:
    add_books(rows)
    for order in ORDERS:
        second = listing.get(listing.get(f"/books?order={order}").json["older"]).json
        listing.get(listing.get(second["older"]).json["newer"])
    assert len(statements) == 4 * len(ORDERS)
    explain = explain_on_postgresql if is_postgresql else explain_on_sqlite
    for statement, values in statements:
        plan = explain(rows, statement, values)
        assert "index" in plan
        assert not re.search("sort|b-tree|seq scan", plan), plan


def explain_on_postgresql(rows: Connection, statement: str, values: Any) -> str:
    assert "OFFSET" not in statement
    plan = rows.exec_driver_sql(f"EXPLAIN ANALYZE {statement}", values).scalars()
    return "\n".join(plan).lower()


def explain_on_sqlite(rows: Connection, statement: str, values: Any) -> str:
    # SQLAlchemy writes `LIMIT ? OFFSET ?` for SQLite, here with 0.
    assert values[-1] == 0
    plan = rows.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return "\n".join(row.detail for row in plan).lower()


# --- Cursors -------------------------------------------------------------------------------------


@pytest.fixture
def older(listing: Site, rows: Connection) -> str:
    """The URL of the second page."""
    add_books(rows, 60)
    url: str = listing.get("/books").json["older"]
    return url


def is_first_page(site: Site, path: str) -> bool:
    shown = site.get(path)
    assert shown.status_code == 200
    return bool(shown.json["ids"] == [FIRST_ID + n for n in range(59, 34, -1)])


def test_a_cursor_that_was_changed_shows_the_first_page(listing: Site, older: str) -> None:
    path, cursor = older.split("after=")
    changed = [cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :] for n in (0, 9)]
    for forged in ["", "x", "1", ".", "é", cursor[:-1], cursor * 2, "x" * 3900, *changed]:
        assert is_first_page(listing, f"{path}after={forged}"), forged
        assert is_first_page(listing, f"{path}before={forged}"), forged
    assert not is_first_page(listing, older)


def test_a_cursor_of_another_list_shows_the_first_page(listing: Site, older: str) -> None:
    assert is_first_page(listing, older.replace("/books", "/other"))


def test_a_cursor_of_another_order_shows_the_first_page(listing: Site, older: str) -> None:
    elsewhere = listing.get("/books?order=two columns").json["older"]
    cursor = elsewhere.split("after=")[1]
    assert is_first_page(listing, f"/books?after={cursor}")


def test_a_cursor_from_before_a_rotation_of_the_key_is_valid_until_the_old_key_is_removed(
    listing: Site, older: str, make_app: Callable[..., Application]
) -> None:
    def shown_with(**settings: Any) -> bool:
        rotated = Site(make_app, listing.database_url)
        rotated.settings = settings
        rotated.view("GET", path="/books")(lambda: page_of(select(Book).order_by(Book.id.desc())))
        return is_first_page(rotated, older)

    old, new = SECRET_KEY, "another key for this test, 0123456789"
    assert not shown_with(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old])
    assert shown_with(SECRET_KEY=new)


def test_links_keep_the_rest_of_the_query(listing: Site, rows: Connection) -> None:
    add_books(rows, 60)
    older = listing.get("/books?q=title&tag=a%26b&tag=c&order=two+columns").json["older"]
    assert older.startswith("/books?q=title&tag=a%26b&tag=c&order=two+columns&after=")
    newer = listing.get(older).json["newer"]
    assert newer.startswith("/books?q=title&tag=a%26b&tag=c&order=two+columns&before=")


def test_a_page_has_as_many_rows_as_the_user_prefers(listing: Site, rows: Connection) -> None:
    add_books(rows, 60)
    assert len(listing.get("/books").json["ids"]) == 25
    show(listing, 50)
    assert len(listing.get("/books").json["ids"]) == 50


# --- What a list can be sorted by ----------------------------------------------------------------


@pytest.mark.parametrize(
    "column", [it for it in Sample.__table__.columns if it.name != "id"], ids=lambda it: it.name
)
def test_a_list_is_sorted_by_any_type_of_column(site: Site, rows: Connection, column: Any) -> None:
    """Three rows have each value, and each page ends within them."""
    rows.execute(Sample.__table__.insert(), [sample(number) for number in range(60)])

    @site.view("GET", path="/samples")
    def samples() -> Any:
        return page_of(select(Sample).order_by(getattr(Sample, column.name), Sample.id.desc()))

    show(site, 10)
    expected = rows.scalars(select(Sample.id).order_by(column, Sample.id.desc()))
    assert walk(site, "/samples") == [str(it) for it in expected]


def sample(number: int) -> dict[str, Any]:
    step = number // 3
    return {
        "id": UUID(int=2**127 + number * 7919),
        "at": datetime(2026, 1, 1, 12, 0, 0, step, tzinfo=UTC),
        "price": Decimal(step) / 10 + Decimal("0.01"),
        "digest": bytes([0, step, 255]),
        "done": step % 2 == 0,
        "ratio": step / 3,
        "name": "é%_\U0001f600"[: step % 5] + str(step),
    }


def test_a_list_of_columns_gives_tuples(site: Site, rows: Connection) -> None:
    add_books(rows, 3)
    with site.app.test_request_context("/books"):
        listed = paginate(select(Book.title, Book.rank).order_by(Book.id)).rows
    assert listed == [("Title 0", 0), ("Title 1", 1919), ("Title 2", 1838)]


REJECTED = [
    ("End order_by() with users.id", select(User)),
    ("End order_by() with users.id", select(User).order_by(User.created_at.desc())),
    ("End order_by() with paged_books.id", select(Book.title).order_by(Book.rank)),
    (
        "End order_by() with Anonymous alias of paged_books.id",
        select(aliased(Book)).order_by(Book.id),
    ),
    ("paged_books.body can be NULL", select(Book).order_by(Book.body, Book.id)),
    ("paged_books.body can be NULL", select(Book).order_by(search_key(Book.body), Book.id)),
    ("not by lower(paged_books.title)", select(Book).order_by(func.lower(Book.title), Book.id)),
    ("not by paged_books.id DESC NULLS LAST", select(Book).order_by(desc(Book.id).nulls_last())),
    ("not by id", select(Book).order_by(text("id"))),
    ("not by rank", select(Book).order_by("rank", Book.id)),
    ("paged_books.colour is an Enum", select(Book).order_by(Book.colour, Book.id)),
    ("too long for a link", select(Book).order_by(func.coalesce(Book.body, ""), Book.id)),
]


@pytest.mark.parametrize(("reason", "statement"), REJECTED)
def test_an_order_in_which_a_page_could_miss_a_row_is_rejected(
    app: Application, reason: str, statement: Select[Any]
) -> None:
    with app.test_request_context("/books"), pytest.raises(OrderRejected, match=re.escape(reason)):
        paginate(statement)


def test_a_nullable_column_is_sorted_by_with_a_value_for_null(
    site: Site, rows: Connection
) -> None:
    add_books(rows, 30)
    rows.execute(Book.__table__.update().where(Book.rank > 1000).values(body="x"))
    body = cast(func.coalesce(Book.body, ""), String(40))
    site.view("GET", path="/books")(lambda: page_of(select(Book).order_by(body, Book.id)))
    assert walk(site, "/books") == list(rows.scalars(select(Book.id).order_by(body, Book.id)))
