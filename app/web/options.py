"""The options of drop-down lists and radio buttons, also those that lead to rows of a table."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs

from app.database import db, search_key

# An option is a value and its text on the page: Option("draft", _("Draft")).
Option = SelectChoice


def row_options(
    rows: Select[Any], label: InstrumentedAttribute[str], *, is_optional: bool = False
) -> list[SelectChoice]:
    """Return the id and the label of each row, sorted by label, for the `choices` of a field.

    A form rejects all other ids. So let the select contain only rows that the user may refer to.
    """
    table = label.class_
    found = db.session.execute(
        rows.with_only_columns(table.id, label).order_by(search_key(label), table.id)
    )
    options = [Option(str(id), text) for id, text in found]
    return [Option("", ""), *options] if is_optional else options


def optional_id(value: str | int) -> int | None:
    """Read the value of an option; the empty one leads to no row."""
    return int(value) if value != "" else None
