"""Load whole rows as objects, before there is a database session, which a page may never need.

To begin one for the single SELECT that says who is signed in, to have it hold a connection and to
end it again is a sixth of what such a page costs. What is loaded here is given to the session as
soon as there is one, and is then as if the session had loaded it; until then it behaves the same,
and what is changed in it is lost no more quietly.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from flask import g
from sqlalchemy import Select, inspect
from sqlalchemy.orm import Mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state

from app.database import Base, current_session, db, reading_engine
from app.one_row import read_one_row, read_one_row_within
from app.unit_session import LOADED


class Loader:
    """Finds one row of each of some models by a statement that is built once."""

    def __init__(self, statement: Select[Any], *models: type[Base]) -> None:
        self.models = models
        self.whole = statement
        columns = [column for model in models for column in model.__table__.columns]
        self.statement = statement.with_only_columns(*columns)

    def one_or_none(self, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return an object of each model, or None, in the transaction that is open if one is."""
        if not self._are_columns_all:
            found = db.session.execute(self.whole, values).one_or_none()
            return None if found is None else found._tuple()
        if db.session.registry.has():
            row = read_one_row_within(current_session().connection(), self.statement, values)
        else:
            row = read_one_row(reading_engine(), self.statement, values)
        return None if row is None else tuple(self._objects(row))

    @cached_property
    def _are_columns_all(self) -> bool:
        """Whether the models have nothing (a relationship, say) that only a session can load."""
        mappers = [inspect(model) for model in self.models]
        return all(len(it.attrs) == len(it.local_table.columns) for it in mappers)

    def _objects(self, row: list[Any]) -> Iterator[Any]:
        values = iter(row)
        for mapper, names in self._names:
            # Names first: zip() then takes no value that belongs to the next model.
            yield _known(mapper, dict(zip(names, values, strict=False)))

    @cached_property
    def _names(self) -> list[tuple[Mapper[Any], list[str]]]:
        mappers = [inspect(model) for model in self.models]
        return [
            (mapper, [mapper.get_property_by_column(it).key for it in mapper.local_table.columns])
            for mapper in mappers
        ]


def _known(mapper: Mapper[Any], values: dict[str, Any]) -> Any:
    """Return the object of this row, the same one however often it is loaded."""
    named = [values[str(column.key)] for column in mapper.primary_key]
    key = mapper.identity_key_from_primary_key(tuple(named))
    if db.session.registry.has():
        known = current_session().identity_map.get(key)
        if known is None:
            known = _made(mapper, values)
            db.session.add(known)
        return known
    loaded: dict[Any, Any] = g.setdefault(LOADED, {})
    if key not in loaded:
        loaded[key] = _made(mapper, values)
    return loaded[key]


def _made(mapper: Mapper[Any], values: dict[str, Any]) -> Any:
    made = mapper.class_manager.new_instance()
    vars(made).update(values)
    make_transient_to_detached(made)
    # For those who listen: a column that notices changes within its value, a reconstructor.
    mapper.class_manager.dispatch.load(instance_state(made), None)
    return made
