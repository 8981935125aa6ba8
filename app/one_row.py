"""One row, asked of the driver itself by a statement that SQLAlchemy has written once.

For the SELECT that each page of somebody signed in begins with, and for no other: of what such a
page costs, a tenth is what SQLAlchemy does around a statement each time it is executed. It is sent
on a connection of the pool, counted and refused as any other; only engine events do not see it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from app.logs import note_query


@dataclass
class Written:
    """A statement as a driver takes it, and what makes values of Python out of each column's."""

    text: str
    order: list[str] | None
    types: list[TypeEngine[Any]]
    dialect: Dialect
    # Known with the first row: what a type makes of a value may depend on what the driver sends.
    readers: list[Any] | None = None

    def arguments(self, values: Mapping[str, Any]) -> Any:
        return values if self.order is None else [values[name] for name in self.order]

    def read(self, row: tuple[Any, ...], cursor: DBAPICursor) -> list[Any]:
        if self.readers is None:
            self.readers = [
                it.dialect_impl(self.dialect).result_processor(self.dialect, column[1])
                for it, column in zip(self.types, cursor.description or (), strict=True)
            ]
        return [
            value if reader is None else reader(value)
            for reader, value in zip(self.readers, row, strict=True)
        ]


def read_one_row(
    engine: Engine, statement: Select[Any], values: Mapping[str, Any]
) -> list[Any] | None:
    """Return the first row, or None; the connection is back at once. `values` go as they are.

    Raises what SQLAlchemy would raise.
    """
    written = write(statement, engine.dialect)
    with errors_of(engine.dialect, written.text):
        connection = engine.raw_connection()
        try:
            return ask(connection, written, values)
        except Exception as error:
            # No other request is given it, whatever it was: that costs a connection, no thought.
            connection.invalidate(error)
            raise
        finally:
            connection.close()


def read_one_row_within(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any]
) -> list[Any] | None:
    """Return the first row, or None, as this transaction sees it. Raises what it would raise."""
    dialect = connection.dialect
    written = write(statement, dialect)
    with errors_of(dialect, written.text):
        try:
            return ask(connection.connection, written, values)
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, connection.connection, None):
                connection.invalidate(error)
            raise


def ask(
    connection: PoolProxiedConnection, written: Written, values: Mapping[str, Any]
) -> list[Any] | None:
    began = perf_counter()
    try:
        cursor = connection.cursor()
        cursor.execute(written.text, written.arguments(values))
        row = cursor.fetchone()
        read = None if row is None else written.read(row, cursor)
        cursor.close()
    finally:
        note_query(perf_counter() - began)
    return read


@lru_cache(maxsize=64)
def write(statement: Select[Any], dialect: Dialect) -> Written:
    compiled = statement.compile(dialect=dialect)
    order = list(compiled.positiontup or ()) if compiled.positional else None
    types = [column.type for column in statement.selected_columns]
    return Written(str(compiled), order, types, dialect)


@contextmanager
def errors_of(dialect: Dialect, text: str) -> Iterator[None]:
    """Give a driver's errors SQLAlchemy's names, without the values that were asked for."""
    base = dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        known: Exception = error
        raise DBAPIError.instance(
            text, None, known, base, hide_parameters=True, dialect=dialect
        ) from error
