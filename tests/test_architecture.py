"""The rules that keep this small, read off the source. Each says why where it fails."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from sqlalchemy import inspect

from app import PARTS
from app.application import Application
from app.sessions.guards import is_public
from app.users.models import User
from config import READERS, Config
from tests.test_pages_and_mails import TESTED_WITH

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "app").rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in SOURCES}
PART_NAMES = [part.__name__.removeprefix("app.") for part in PARTS]
# Files that are no part and know one: they stand right after it.
STANDS_AFTER = {
    "unit": "database",
    "unit_of_work": "unit",
    "batches": "unit_of_work",
    "start": "database",
    "prune": "pages",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "app"))


def unit_of(path: Path) -> str:
    """Return the folder or the flat file a source belongs to, as PARTS names it."""
    module = name_of(path).removesuffix(".py").replace("/", ".")
    return (
        module
        if module in PART_NAMES
        else path.relative_to(ROOT / "app").parts[0].removesuffix(".py")
    )


def found(
    is_wrong: Callable[[ast.AST], object], *, but: frozenset[str] = frozenset()
) -> list[str]:
    """Return where in the source something is wrong, as file:line, leaving some files out."""
    return [
        f"{name_of(path)}:{node.lineno}"  # type: ignore[attr-defined]  # what we look for has one
        for path, tree in TREES.items()
        if name_of(path) not in but
        for node in ast.walk(tree)
        if is_wrong(node)
    ]


def functions() -> Iterator[tuple[Path, Function]]:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield path, node


def imports(tree: ast.AST) -> Iterator[str]:
    """Return the full name of each module or name a source imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_named(node: ast.AST, *names: str) -> bool:
    """Return whether a node reads an attribute of one of these names: x.name."""
    return isinstance(node, ast.Attribute) and node.attr in names


@pytest.fixture
def everything(make_app: Callable[..., Application]) -> Application:
    """The site with the pages that only development has."""
    return make_app(DEBUG=True)


# --- Order ---------------------------------------------------------------------------------------


def test_imports_point_up_the_list_of_parts() -> None:
    """Otherwise two parts need each other, and neither can be read, wired or removed alone."""
    for path, tree in TREES.items():
        unit = unit_of(path)
        if unit == "__init__":
            continue
        stands = place(unit)
        for imported in imports(tree):
            if imported.startswith("app."):
                other = imported.split(".")[1]
                assert other == unit or place(other) < stands or is_tool(other), (
                    f"{name_of(path)} imports app.{other}, which stands below it in PARTS "
                    f"(tools, such as {unit if is_tool(unit) else 'clock'}, import no parts). "
                    "Move what both need into the lower of the two."
                )


def place(unit: str) -> float:
    if unit in STANDS_AFTER:
        return place(STANDS_AFTER[unit]) + 0.1
    return PART_NAMES.index(unit) if unit in PART_NAMES else -1


def is_tool(unit: str) -> bool:
    return place(unit) < 0


def test_imports_are_absolute_and_stand_at_the_top() -> None:
    inits = frozenset(name_of(path) for path in SOURCES if path.name == "__init__.py")
    relative = found(lambda node: isinstance(node, ast.ImportFrom) and node.level, but=inits)
    assert not relative, "Relative imports hide from which part something comes."
    hidden = [
        f"{name_of(path)}:{node.lineno}"
        for path, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, "An import in a function hides a circle that PARTS would show."


def test_every_folder_is_a_part() -> None:
    folders = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert folders <= set(PART_NAMES), "A folder that is not in PARTS is never wired."


# --- One place for each thing --------------------------------------------------------------------


def test_nobody_else_commits() -> None:
    but = frozenset({"unit_session.py", "unit.py", "unit_of_work.py", "request_unit.py"})
    wrong = found(lambda node: is_named(node, "commit"), but=but)
    assert not wrong, "Only the unit of work commits: call commit_later() in a view."


def test_error_handlers_stand_in_one_file() -> None:
    kinds = ("errorhandler", "app_errorhandler", "register_error_handler")
    wrong = found(
        lambda node: is_named(node, *kinds), but=frozenset({"errors.py", "sessions/current.py"})
    )
    assert not wrong, "An error page made elsewhere may tell what errors.py knows not to."


def test_time_comes_from_one_clock() -> None:
    def reads_a_clock(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            return any(alias.name in {"time", "time_ns"} for alias in node.names)
        owner = getattr(getattr(node, "value", None), "id", "")
        return (
            owner in {"datetime", "date", "func"} and is_named(node, "now", "utcnow", "today")
        ) or (owner == "time" and is_named(node, "time", "time_ns"))

    wrong = found(reads_a_clock, but=frozenset({"clock.py"}))
    assert not wrong, "Tests move app.clock.now() and nothing else; use that."


def test_settings_come_from_config() -> None:
    def reads_the_environment(node: ast.AST) -> bool:
        owner = getattr(getattr(node, "value", None), "id", "")
        return owner == "os" and is_named(node, "environ", "getenv")

    wrong = found(reads_the_environment, but=frozenset({"__init__.py"}))
    assert not wrong, "A setting read elsewhere has no default, no type and no line in the docs."


def test_one_module_knows_flask_login() -> None:
    known = [
        name_of(path)
        for path, tree in TREES.items()
        if any(name.startswith("flask_login") for name in imports(tree))
    ]
    assert known == ["sessions/current.py"], "Its logout_user() leaves a remembered person in."


# --- People and names ----------------------------------------------------------------------------


def test_the_user_knows_nothing_of_what_points_to_it() -> None:
    relationships = inspect(User).relationships.keys()
    assert not relationships, "User would grow with every feature. Let the feature ask its rows."


def test_session_is_never_the_name_of_something() -> None:
    """Three things are called that: the cookie, the transaction, and being signed in."""

    def binds_session(node: ast.AST) -> bool:
        match node:
            case ast.Name(id="session", ctx=ast.Store()) | ast.arg(arg="session"):
                return True
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                return any((alias.asname or alias.name) == "session" for alias in names)
        return False

    # Where there is none but the database's, and where Flask's interface prescribes the name.
    of_the_database = {"database.py", "unit_session.py", "unit.py", "unit_of_work.py"}
    but = frozenset(of_the_database | {"sessions/store.py"})
    wrong = found(binds_session, but=but)
    assert not wrong, "Say which: cookie, db.session or login."


def test_a_page_is_one_word_in_five_places(everything: Application) -> None:
    """Endpoint, view, address, template and test: whoever knows one has found all."""
    for feature, view in pages():
        addresses = [rule.rule for rule in everything.url_map.iter_rules(f"{feature}.{view}")]
        words = {word for address in addresses for word in words_of(address)}
        assert view in words, f"{feature}.{view} is found at {addresses}."
        template = f"{feature}/{view}.html"
        assert (ROOT / "app/templates" / template).is_file(), f"There is no template {template}."
        test = f"tests/{feature}/test_{view}.py"
        is_tested = (ROOT / test).is_file() or f"{feature}/{view}" in TESTED_WITH
        assert is_tested, f"There is no {test}."


def words_of(address: str) -> set[str]:
    """Return what a view at this address may be called: its last words, and what it names."""
    parts = re.sub(r"<(?:\w+:)?(\w+?)(?:_id)?>", r"\1", address).replace("-", "_").split("/")
    fixed = re.sub(r"<.*?>", "", address).replace("-", "_").strip("/").split("/")
    return {parts[-1] or "home", fixed[-1] or "home", "_".join(fixed)}


def pages() -> list[tuple[str, str]]:
    """Return (feature, view) for each view that shows a page."""
    return [
        (path.parent.name, function.name)
        for path, function in functions()
        if path.name == "views.py"
        and is_view(function)
        and any("render_template" in ast.unparse(node) for node in function.body)
    ]


def is_view(function: Function) -> bool:
    return any("blueprint." in ast.unparse(mark) for mark in function.decorator_list)


def test_every_view_that_is_marked_as_public_is(everything: Application) -> None:
    """Another decorator may hide the mark; then the page asks for a sign-in after all."""
    marked = {
        f"{path.parent.name}.{function.name}"
        for path, function in functions()
        if any(ast.unparse(mark) == "public" for mark in function.decorator_list)
    }
    with everything.app_context():
        opened = {endpoint for endpoint in everything.view_functions if is_public(endpoint)}
    assert marked == {endpoint for endpoint in opened if not endpoint.endswith("static")}


# --- Size ----------------------------------------------------------------------------------------


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{name_of(path)}:{function.name} has {lines} lines"
        for path, function in functions()
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > 40
    ]
    assert not long, "What does not fit on a screen is not seen at once. Name its steps."


def test_no_file_is_longer_than_a_few_screens() -> None:
    """Of config.py this is not asked: it is a list, and people look a line up in it."""
    for path in SOURCES:
        said = [line.strip() for line in path.read_text().splitlines()]
        lines = sum(1 for line in said if line and not line.startswith("#"))
        assert lines <= 200, f"{path} has {lines} lines. It is about two things: name the other."


# --- Documentation -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), get_type_hints(Config).items())
def test_every_setting_is_documented_with_its_default(name: str, kind: type) -> None:
    table = (ROOT / "docs/settings.md").read_text()
    row = re.search(rf"^\| `{name}` \| (?:`(.*?)`|none) \| \S", table, re.MULTILINE)
    assert row, f"Add {name} to docs/settings.md, where people look for it."
    documented = READERS[kind](name, row[1] or "")
    assert documented == getattr(Config, name), f"docs/settings.md gives {name} another default."
