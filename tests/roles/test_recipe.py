"""docs/roles.md: its example works as printed."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from app.application import Application
from tests.framework.access_table import kinds, read_table, routes, status_for

pytestmark = pytest.mark.usefixtures("without_product")

PAGE = Path(__file__).parents[2] / "docs/roles.md"
FILE = re.compile(r"^`(\S+)`\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = dict(FILE.findall(PAGE.read_text()))


def typed(path: str) -> ModuleType:
    """Return the module of a file that the page prints."""
    module = ModuleType(path.replace("/", ".").removesuffix(".py"))
    exec(compile(FILES[path], path, "exec"), module.__dict__)  # noqa: S102  # our own document
    return module


def test_the_page_opens_for_the_roles_that_the_table_says(
    make_app: Callable[..., Application],
) -> None:
    app = make_app()
    typed("app/reports/__init__.py").init_app(app)
    [line] = read_table(typed("tests/reports/access.py").TABLE)
    rule = dict(routes(app))[line.route]
    found = {kind.name: status_for(kind, app, line.route, rule) for kind in kinds(app)}
    assert found == {kind.name: line.expected(kind) for kind in kinds(app)}
    assert found["analyst"] == "200"
    assert found["support"] == "404"
