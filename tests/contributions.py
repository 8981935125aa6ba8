"""Collect the entries that the tests of each part add to a test of the whole site.

A list in that test would name parts that a product has removed. So each removable part has its
entries in a module in the folder of its own tests, such as `access`.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

TESTS = Path(__file__).parent


def contributors(name: str) -> dict[str, ModuleType]:
    """Return the module `name` of each folder of tests that has one, by folder."""
    folders = sorted(path.parent.name for path in TESTS.glob(f"*/{name}.py"))
    return {folder: import_module(f"tests.{folder}.{name}") for folder in folders}


def contributed(name: str, attribute: str) -> list[Any]:
    """Return this attribute of each module `name` in a folder of tests that has it."""
    modules = contributors(name).values()
    return [getattr(module, attribute) for module in modules if hasattr(module, attribute)]
