"""The order of a select, and the rows that come after a position in it (keyset pagination)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Enum,
    Select,
    String,
    UnaryExpression,
    and_,
    func,
    literal,
    literal_column,
    or_,
    tuple_,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.types import NullType

# Characters. The values of a row must fit in the URL of the next page.
MAX_TEXT_LENGTH = 255

END: ColumnElement[Any] = literal_column("0")
COALESCE = type(func.coalesce(END))


class OrderRejected(ValueError):
    """The order of a select leaves open which row comes next."""


@dataclass(frozen=True)
class SortColumn:
    column: ColumnElement[Any]
    descending: bool

    def __str__(self) -> str:
        return f"{self.column} {self.column.type!r} {'desc' if self.descending else 'asc'}"

    @property
    def clause(self) -> ColumnElement[Any]:
        return self.column.desc() if self.descending else self.column.asc()

    def is_beyond(self, value: Any) -> ColumnElement[bool]:
        bound = literal(value, self.column.type)
        return self.column < bound if self.descending else self.column > bound

    def is_at_or_beyond(self, value: Any) -> ColumnElement[bool]:
        bound = literal(value, self.column.type)
        return self.column <= bound if self.descending else self.column >= bound

    def differs_from(self, value: Any) -> ColumnElement[bool]:
        return self.column != literal(value, self.column.type)


@dataclass(frozen=True)
class Order:
    columns: tuple[SortColumn, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.columns))

    @property
    def clauses(self) -> list[ColumnElement[Any]]:
        return [it.clause for it in self.columns]

    def reversed(self) -> "Order":
        return Order(tuple(replace(it, descending=not it.descending) for it in self.columns))

    def comes_after(self, values: Sequence[Any]) -> ColumnElement[bool]:
        """Return the condition for the rows after a row with these values.

        Both databases read `(a, b) > (x, y)` from an index. With mixed directions, they read
        `a >= x` from it and skip rows with the same `a`: `<>` and not `>` in the second part,
        because PostgreSQL may look up both sides of that OR, and then has to sort the rows.
        """
        if len({it.descending for it in self.columns}) == 1:
            return self._row_is_beyond(values)
        *outer, (last, value) = zip(self.columns, values, strict=True)
        condition = last.is_beyond(value)
        for it, value in reversed(outer):
            condition = and_(it.is_at_or_beyond(value), or_(it.differs_from(value), condition))
        return condition

    def _row_is_beyond(self, values: Sequence[Any]) -> ColumnElement[bool]:
        bound = zip(values, self.columns, strict=True)
        row = tuple_(*(it.column for it in self.columns))
        position = tuple_(*(literal(value, it.column.type) for value, it in bound))
        return row < position if self.columns[0].descending else row > position


def order_of(statement: Select[Any]) -> Order:
    """Return the order of a select. Raises OrderRejected if a page could miss or repeat a row."""
    columns = tuple(map(_sort_column, _order_by(statement)))
    for it in columns:
        _require_comparable(it.column)
    _require_primary_key(statement, {it.column for it in columns})
    return Order(columns)


def _order_by(statement: Select[Any]) -> list[Any]:
    """Return the ORDER BY clauses, which SQLAlchemy's public API contains only among all parts."""
    parts = list(statement.order_by(END).get_children())
    others = list(statement.order_by(None).get_children())
    end = [part is END for part in parts].index(True)
    return parts[end - (len(parts) - 1 - len(others)) : end]


def _sort_column(clause: Any) -> SortColumn:
    modifier = clause.modifier if isinstance(clause, UnaryExpression) else None
    if modifier in (operators.asc_op, operators.desc_op):
        return SortColumn(clause.element, modifier is operators.desc_op)
    is_typed = isinstance(clause, ColumnElement) and not isinstance(clause.type, NullType)
    if modifier is not None or not is_typed:
        raise OrderRejected(
            f"Sort by columns, typed expressions and their .desc(), not by {clause}."
        )
    return SortColumn(clause, False)


def _require_comparable(column: ColumnElement[Any]) -> None:
    inner = list(visitors.iterate(column))
    nullable = [it for it in inner if isinstance(it, Column) and it.nullable]
    if nullable and not any(isinstance(it, COALESCE) for it in inner):
        raise OrderRejected(
            f"{nullable[0]} can be NULL, which is neither before nor after any value. Make it NOT "
            f"NULL, or sort by func.coalesce({nullable[0]}, …)."
        )
    if isinstance(column.type, Enum):
        raise OrderRejected(
            f"{column} is an Enum, which databases sort differently. Sort by a number or a text."
        )
    if isinstance(column.type, String) and not 0 < (column.type.length or 0) <= MAX_TEXT_LENGTH:
        raise OrderRejected(
            f"{column} may be too long for a link. Sort by a String of at most "
            f"{MAX_TEXT_LENGTH} characters."
        )


def _require_primary_key(statement: Select[Any], columns: set[ColumnElement[Any]]) -> None:
    listed = statement.columns_clause_froms[0]
    key = list(listed.primary_key)
    if not key or not columns.issuperset(key):
        missing = ", ".join(map(str, key)) or "a primary key, which this select does not have"
        raise OrderRejected(
            "Rows with equal values have no order, so a page could miss or repeat one. "
            f"End order_by() with {missing}."
        )
