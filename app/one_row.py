"""One row, asked of the driver itself by a statement that SQLAlchemy has written once.

For the SELECT that each page of somebody signed in begins with, and for no other: of what such a
page costs, a tenth is what SQLAlchemy does around a statement each time it is executed. It is sent
on a connection of the pool, counted and refused as any other; only engine events do not see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import DBAPIError

from app.logs import note_query


@dataclass(frozen=True)
class Written:
    """A statement as a driver takes it, and what makes values of Python out of each column's."""

    text: str
    order: list[str] | None
    readers: list[Any]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        return values if self.order is None else [values[name] for name in self.order]

    def read(self, row: tuple[Any, ...]) -> list[Any]:
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
    began = perf_counter()
    try:
        row = ask(engine, written, values)
    except engine.dialect.loaded_dbapi.Error as error:
        raise named(error, written.text, engine.dialect) from error
    finally:
        note_query(perf_counter() - began)
    return None if row is None else written.read(row)


def ask(engine: Engine, written: Written, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(written.text, written.arguments(values))
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
    except Exception as error:
        # No other request is given it, whatever it was: that costs a connection, and no thought.
        connection.invalidate(error)
        raise
    finally:
        connection.close()
    return row


@lru_cache(maxsize=64)
def write(statement: Select[Any], dialect: Dialect) -> Written:
    compiled = statement.compile(dialect=dialect)
    columns = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
    return Written(
        str(compiled),
        list(compiled.positiontup or ()) if compiled.positional else None,
        [column.result_processor(dialect, None) for column in columns],
    )


def named(error: Exception, text: str, dialect: Dialect) -> BaseException:
    """Return SQLAlchemy's error for a driver's, without the values that were asked for."""
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(text, None, error, base, hide_parameters=True, dialect=dialect)
