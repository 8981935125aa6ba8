"""A cursor of ours describes what it found as psycopg's does, where anybody looks."""

import psycopg
import pytest

from app.database.connections import PlainCursor
from tests.databases import on_postgresql

STATEMENTS = [
    "SELECT 1 AS one, 'a'::text AS two, now() AS \"Ärger\", NULL AS none, 5",
    "SELECT 1 AS found WHERE false",
    "SELECT",
    "CREATE TEMPORARY TABLE kept (id serial, name varchar(8))",
    "INSERT INTO kept (name) VALUES ('x')",
    "INSERT INTO kept (name) VALUES ('y') RETURNING id, name",
]


@on_postgresql
def test_it_names_the_columns_and_their_types(clean_database: str) -> None:
    url = clean_database.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        ours, theirs = PlainCursor(connection), psycopg.Cursor(connection)
        for statement in STATEMENTS:
            assert described(ours.execute(statement)) == described(
                theirs.execute(repeatable(statement))
            )


def repeatable(statement: str) -> str:
    return statement.replace("TABLE kept", "TABLE kept_by_them")


def described(cursor: psycopg.Cursor) -> list[tuple[object, ...]] | None:
    found = cursor.description
    return None if found is None else [tuple(column)[:2] for column in found]


@on_postgresql
@pytest.mark.parametrize("asked", [False, True])
def test_nothing_is_described_before_there_is_something(clean_database: str, asked: bool) -> None:
    with psycopg.connect(clean_database.replace("+psycopg", "")) as connection:
        cursor = PlainCursor(connection)
        if asked:
            cursor.execute("SET application_name = 'x'")
        assert cursor.description is None
