"""A table of 100,000 rows to page through, and a process that adds and deletes rows in it.

`python -m tests.framework.paged_rows` adds and deletes until it is stopped.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from random import Random
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Index, Numeric, String, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from app import create_app
from app.clock import UTCDateTime
from app.database import db, search_key
from config import psycopg_url

COUNT = 100_000
# Wider than 32 bits, and than the integers that JavaScript reads from JSON.
FIRST_ID = 2**60
# Two rows in three are kept; the others are deleted during a test.
IS_KEPT = "id % 3 > 0"


class Colour(StrEnum):
    RED = "red"


class Base(DeclarativeBase):
    registry = registry(type_annotation_map={datetime: UTCDateTime})


class Book(Base):
    __tablename__ = "paged_books"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # 50 rows have the same rank.
    rank: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(String(40))
    body: Mapped[str | None]
    colour: Mapped[Colour] = mapped_column(default=Colour.RED, server_default="RED")

    __table_args__ = (
        Index("ix_paged_books_rank_id", "rank", "id"),
        Index("ix_paged_books_mixed", rank.desc(), "id"),
        Index("ix_paged_books_title", search_key(title), "id"),
    )


class Sample(Base):
    """A column of each type that a list can be sorted by."""

    __tablename__ = "paged_samples"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    digest: Mapped[bytes]
    done: Mapped[bool]
    ratio: Mapped[float]
    name: Mapped[str] = mapped_column(String(40))


@contextmanager
def paged_tables(url: str) -> Iterator[Connection]:
    """Create the tables, and drop them at the end."""
    engine = create_engine(psycopg_url(url), isolation_level="AUTOCOMMIT")
    Base.metadata.create_all(engine)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        Base.metadata.drop_all(engine)
        engine.dispose()


def add_books(connection: Connection, count: int = COUNT) -> None:
    connection.execute(
        text(
            "WITH RECURSIVE numbers(n) AS "
            "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count) "
            "INSERT INTO paged_books (id, rank, title) "
            "SELECT :first + n, n * 7919 % 2000, 'Title ' || n FROM numbers"
        ),
        {"count": count, "first": FIRST_ID},
    )
    connection.execute(text("ANALYZE paged_books"))


def kept_ids(connection: Connection) -> set[int]:
    return set(connection.scalars(text(f"SELECT id FROM paged_books WHERE {IS_KEPT}")))  # noqa: S608  # a constant


def change_rows(connection: Connection, random: Random) -> None:
    """Delete a row that is not kept, and add one somewhere else."""
    old, new = (FIRST_ID + random.randrange(COUNT * times) for times in (1, 10**6))
    while new % 3:
        new += 1
    connection.execute(text("DELETE FROM paged_books WHERE id = :id AND id % 3 = 0"), {"id": old})
    connection.execute(
        text(
            "INSERT INTO paged_books (id, rank, title) VALUES (:id, :rank, 'New') "
            "ON CONFLICT DO NOTHING"
        ),
        {"id": new, "rank": random.randrange(2000)},
    )


if __name__ == "__main__":
    source = Random(os.getpid())  # noqa: S311  # only which rows change
    with create_app().app_context():
        while True:
            with db.engine.begin() as connection:
                change_rows(connection, source)
