"""A class for `g` that rejects undeclared names (R16). All applications of the tests use it."""

from functools import lru_cache
from inspect import get_annotations
from typing import Any

from app.request_globals import RequestGlobals


@lru_cache(maxsize=100)
def declared_names(kind: type) -> set[str]:
    return {name for cls in kind.__mro__ for name in get_annotations(cls)}


class StrictGlobals(RequestGlobals):
    def __setattr__(self, name: str, value: Any) -> None:
        """Set a declared name. Raises AttributeError for any other."""
        if name not in declared_names(type(self)):
            raise AttributeError(
                f"g.{name} is not declared. Add it to app/request_globals.py, or to a class that "
                "your part passes to Application.declare_globals()."
            )
        super().__setattr__(name, value)
