"""Import a module at its first use: for packages that are optional, or slow and rarely used."""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """A stand-in that imports the module when one of its attributes is first used.

    importlib.util.LazyLoader is not safe with threads before Python 3.13: a second thread sees a
    module that is only half imported. An import in the normal way waits for the first.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, value)
        return value


def lazy_module(name: str) -> ModuleType:
    """Return a module that is imported when one of its attributes is first used.

    Raises ModuleNotFoundError at once if the package is not installed.
    """
    if name in sys.modules:
        return sys.modules[name]
    if find_spec(name) is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return LazyModule(name)
