"""Find the rows whose text starts with some characters, by an index on both databases."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

# The last character of Unicode, which sorts after every other and is in no text.
LAST = "\U0010ffff"


class search_key(FunctionElement[str]):  # read as a function, as func.lower
    """The lower-case text of a column, compared by code points: search_key(Note.title).

    Its index, Index("ix_notes_title", search_key(title), id), finds the rows of starts_with() and
    sorts them.
    """

    name = "search_key"
    inherit_cache = True

    def __init__(self, column: ColumnElement[str] | Mapped[str]) -> None:
        super().__init__(column)
        self.type = next(iter(self.clauses)).type


@compiles(search_key)
def _lower(element: search_key, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(search_key, "postgresql")
def _lower_by_code_points(element: search_key, compiler: SQLCompiler, **options: Any) -> str:
    """Add the collation. In others, characters between two texts do not sort between them."""
    return f'lower({compiler.process(element.clauses, **options)}) COLLATE "C"'


def starts_with(column: ColumnElement[str] | Mapped[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a text starts with a prefix, in upper or lower case.

    A range, not LIKE: no character of the prefix has a special meaning, and neither a prepared
    statement nor the ESCAPE of SQLite prevents the use of the index. SQLite folds only the case
    of ASCII letters.
    """
    key, first = search_key(column), func.lower(literal(prefix, String))
    return and_(key >= first, key < first + LAST)
