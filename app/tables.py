"""The tables behind models."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table of a model, for statements about rows and not about objects.

    They cost half: nothing asks whether an object in memory has to follow.
    """
    return cast(Table, model.__table__)
