"""Lists in pages: paginate() reads one page of a select, and components/pager.html links others.

Pages start after a row, not at an offset (keyset pagination): rows that are added or removed do
not shift them, and the thousandth page is as fast as the first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

from flask import request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Select

from app.application import ExtensionPoint
from app.crypto.signing import signer
from app.database import Order, db, order_of
from app.web.redirects import path_with

DEFAULT_PAGE_SIZE = 25
# Characters. Longer ones are not read.
MAX_CURSOR_LENGTH = 4000
# The types that a list can be sorted by, and how the text of those that JSON lacks is read.
JSON_TYPES = {"bool", "int", "float", "str"}
READERS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
    "bytes": bytes.fromhex,
}

# The part that knows the user's choice adds it (app/preferences).
page_size_source: ExtensionPoint[Callable[[], int]] = ExtensionPoint("page_size")

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """The rows of a page, and the URLs of the pages after and before it, or None."""

    rows: list[T]
    older: str | None
    newer: str | None


def page_size() -> int:
    sources = page_size_source.items()
    return sources[-1]() if sources else DEFAULT_PAGE_SIZE


@overload
def paginate(statement: Select[tuple[T]]) -> Page[T]: ...
@overload
def paginate(statement: Select[Any]) -> Page[Any]: ...
def paginate(statement: Select[Any]) -> Page[Any]:
    """Return the page of a list that the URL asks for, and else the first one.

    The order_by() of the statement must end with the primary key of the listed rows. Raises
    OrderRejected for an order in which a page could miss or repeat a row.
    """
    order = order_of(statement)
    cursors = _serializer(order)
    after, before = _read(cursors, "after"), _read(cursors, "before")
    if after is None and before is not None:
        return _newer_page(statement, order, cursors, before)
    return _older_page(statement, order, cursors, after)


def _older_page(
    statement: Select[Any], order: Order, cursors: URLSafeSerializer, after: list[Any] | None
) -> Page[Any]:
    rows, keys, has_more = _fetch(statement, order, after)
    older = _url(cursors, after=keys[-1]) if has_more else None
    if after is None:
        return Page(rows, older, newer=None)
    return Page(rows, older, newer=_url(cursors, before=keys[0]) if keys else _url(cursors))


def _newer_page(
    statement: Select[Any], order: Order, cursors: URLSafeSerializer, before: list[Any]
) -> Page[Any]:
    rows, keys, has_more = _fetch(statement, order.reversed(), before)
    newer = _url(cursors, before=keys[-1]) if has_more else None
    return Page(rows[::-1], _url(cursors, after=keys[0]) if keys else _url(cursors), newer)


def _fetch(
    statement: Select[Any], order: Order, position: list[Any] | None
) -> tuple[list[Any], list[Sequence[Any]], bool]:
    """Return the rows after a position, the values they are sorted by, and if more follow."""
    width, size = len(statement.column_descriptions), page_size()
    if position is not None:
        statement = statement.where(order.comes_after(position))
    statement = statement.order_by(None).order_by(*order.clauses).limit(size + 1).offset(None)
    found = db.session.execute(statement.add_columns(*(it.column for it in order.columns))).all()
    shown = found[:size]
    rows = [row[0] if width == 1 else tuple(row[:width]) for row in shown]
    return rows, [row[width:] for row in shown], len(found) > size


def _url(cursors: URLSafeSerializer, **positions: Sequence[Any]) -> str:
    """Return the URL of this list at another position, with the rest of the query."""
    texts = {name: str(cursors.dumps(_dump(values))) for name, values in positions.items()}
    return path_with(**{"after": None, "before": None, **texts})


# --- Cursors


def _serializer(order: Order) -> URLSafeSerializer:
    """Return the serializer for the cursors of one list in one order.

    A cursor of another list, or from before a column or its type changed, is invalid. Signed and
    not encrypted: it contains what its row is sorted by, which the page may not show.
    """
    return signer(f"cursor {request.path} {order}")


def _read(cursors: URLSafeSerializer, name: str) -> list[Any] | None:
    """Return the position in the URL, or None if there is no valid one."""
    text = request.args.get(name, "")
    if not text or len(text) > MAX_CURSOR_LENGTH:
        return None
    try:
        values = cursors.loads(text)
    except BadData:
        return None
    return [READERS[it[0]](it[1]) if isinstance(it, list) else it for it in values]


def _dump(values: Sequence[Any]) -> list[Any]:
    return [_dump_value(value) for value in values]


def _dump_value(value: Any) -> Any:
    name = type(value).__name__
    if name in JSON_TYPES:
        return value
    if name not in READERS:
        raise TypeError(f"A list cannot be sorted by {value!r}; see READERS in {__name__}.")
    return [name, value.hex() if isinstance(value, bytes) else str(value)]
