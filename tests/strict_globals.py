"""A class for `g` that rejects undeclared names (R16). All applications of the tests use it."""

from inspect import get_annotations
from typing import Any

from app.request_globals import RequestGlobals


class StrictGlobals(RequestGlobals):
    def __setattr__(self, name: str, value: Any) -> None:
        """Set a declared name. Raises AttributeError for any other."""
        if not any(name in get_annotations(cls) for cls in type(self).__mro__):
            raise AttributeError(
                f"g.{name} is not declared. Add it to app/request_globals.py, or to a class that "
                "your part passes to Application.declare_globals()."
            )
        super().__setattr__(name, value)
