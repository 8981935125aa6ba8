"""The structure of app/: the order of its parts, and the rules for it, with their reasons."""

import ast
import re
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from sqlalchemy import inspect

from app import FOUNDATION, IDENTITY, PARTS, declared_settings
from app.application import Application
from app.sessions.guards import is_public
from app.users.models import User
from config import READERS, Config, types_of_settings
from tests.framework.private_apis import PRIVATE_APIS

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
TREES = {path: ast.parse(path.read_text()) for path in sorted(APP.rglob("*.py"))}
NAMES = [part.__name__.removeprefix("app.") for part in PARTS]
# Files and folders below all parts, which import no part.
LOWEST = [
    "clock",
    "lazy_modules",
    "request_globals",
    "application",
    "checks",
    "crypto",
    "expiring",
]
ORDER = LOWEST + NAMES
# Packages whose private names may not be used without an entry in private_apis.py.
WATCHED = {"flask", "werkzeug", "jinja2", "sqlalchemy", "wtforms", "psycopg", "flask_login"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(APP))


def part_of(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


def found(
    is_wrong: Callable[[ast.AST], object], *, but: frozenset[str] = frozenset()
) -> list[str]:
    """Return where the source breaks a rule, as file:line, leaving out some files."""
    return [
        f"{name_of(path)}:{node.lineno}"  # type: ignore[attr-defined]  # these nodes have one
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
    """Yield the full name of each module or name that a source imports, also for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_named(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in names


# --- Order ---------------------------------------------------------------------------------------


def test_a_part_imports_only_parts_before_it() -> None:
    for path, tree in TREES.items():
        part = part_of(path)
        if part in {"__init__", "product"}:
            continue
        for imported in imports(tree):
            if imported.startswith("app."):
                other = imported.split(".")[1]
                assert ORDER.index(other) <= ORDER.index(part), (
                    f"{name_of(path)} imports app.{other}, which comes after {part} in PARTS. "
                    "Move what both need into the lower of the two, or use an ExtensionPoint."
                )


def test_no_files_import_each_other() -> None:
    """Not even for types: such files can only be read together."""
    modules = {module_of(path) for path in TREES}
    graph = {
        module_of(path): {
            it for name in imports(tree) if (it := longest_module(name, modules)) is not None
        }
        - {module_of(path)}
        for path, tree in TREES.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the files


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def longest_module(name: str, modules: set[str]) -> str | None:
    return (
        name
        if name in modules
        else name.rpartition(".")[0]
        if name.rpartition(".")[0] in modules
        else None
    )


def test_imports_are_absolute_and_at_the_top() -> None:
    relative = found(lambda node: isinstance(node, ast.ImportFrom) and node.level)
    assert not relative, "A relative import hides the part that it imports from."
    hidden = [
        f"{name_of(path)}:{node.lineno}"
        for path, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, "An import inside a function hides a cycle. Use app/lazy_modules.py."
    by_name = found(lambda node: getattr(getattr(node, "func", None), "id", "") == "import_module")
    assert not by_name, "import_module() hides a dependency. Use app/lazy_modules.py."


def test_every_folder_is_a_part() -> None:
    folders = {path.parent.name for path in APP.glob("*/__init__.py")}
    assert folders <= set(ORDER), "A folder that is not in PARTS is not wired."


def test_few_files_are_directly_in_app() -> None:
    assert len([path for path in APP.glob("*.py") if path.name != "__init__.py"]) <= 7


def test_other_parts_use_only_the_public_names_of_the_database_and_the_unit_of_work() -> None:
    """Their `__init__` lists them; `batches`, `commands` and `schema_state` are public too."""
    public = {"batches", "commands", "schema_state"}
    for path, tree in TREES.items():
        for name in imports(tree):
            package, _, rest = name.removeprefix("app.").partition(".")
            if (
                package in {"database", "unit_of_work"}
                and part_of(path) != package
                and "." in rest
            ):
                assert rest.split(".")[0] in public, f"{name_of(path)} imports {name}."


# --- One place for each subject ------------------------------------------------------------------


def test_only_the_unit_of_work_commits() -> None:
    but = frozenset(
        name_of(path) for path in TREES if part_of(path) in {"database", "unit_of_work"}
    )
    wrong = found(lambda node: is_named(node, "commit"), but=but)
    assert not wrong, "Call commit_later() in a view, or write inside `with unit_of_work():`."


def test_time_comes_from_one_clock() -> None:
    def reads_a_clock(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            return any(alias.name in {"time", "time_ns"} for alias in node.names)
        owner = getattr(getattr(node, "value", None), "id", "")
        return (
            owner in {"datetime", "date", "func"} and is_named(node, "now", "utcnow", "today")
        ) or (owner == "time" and is_named(node, "time", "time_ns"))

    wrong = found(reads_a_clock, but=frozenset({"clock.py"}))
    assert not wrong, "Tests move app.clock.now() only; use that."


def test_settings_come_from_config() -> None:
    def reads_the_environment(node: ast.AST) -> bool:
        owner = getattr(getattr(node, "value", None), "id", "")
        return owner == "os" and is_named(node, "environ", "getenv")

    wrong = found(reads_the_environment, but=frozenset({"__init__.py"}))
    assert not wrong, "A setting that is read elsewhere has no default, no type and no docs."


def test_only_one_module_imports_flask_login() -> None:
    known = [
        name_of(path)
        for path, tree in TREES.items()
        if any(name.startswith("flask_login") for name in imports(tree))
    ]
    assert known == ["sessions/current.py"], (
        "Its logout_user() leaves a remembered user signed in."
    )


def test_g_is_imported_from_request_globals() -> None:
    """`g` of flask accepts any name; `g` of app/request_globals.py is checked by mypy."""
    wrong = [
        name_of(path)
        for path, tree in TREES.items()
        if "flask.g" in imports(tree) and path.name != "request_globals.py"
    ]
    assert not wrong, "Import g from app.request_globals, or from the request_globals of the part."


def test_private_names_of_packages_are_listed() -> None:
    """A private API may change in any release; each use is listed with its consequences."""
    uses = {(name_of(path), name) for path, tree in TREES.items() for name in private_names(tree)}
    listed = {(entry.file, entry.name) for entry in PRIVATE_APIS}
    assert uses == listed, "Use a public API, or list it in tests/framework/private_apis.py."


def private_names(tree: ast.AST) -> set[str]:
    """Return the private attributes that are used of objects which this file does not define."""
    own = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and getattr(node.value, "id", "") in {"self", "cls"}
        and isinstance(node.ctx, ast.Store)
    } | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and node.attr not in own
    }


def test_tests_do_not_import_tests() -> None:
    """A product then deletes a test without breaking another."""
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "tests").rglob("*.py")
        for name in imports(ast.parse(path.read_text()))
        if re.match(r"tests\.(\w+\.)*test_", name)
    }
    assert not wrong, "Move shared code to a module that is named for what it contains."


# --- Users and names -----------------------------------------------------------------------------


def test_the_starter_defines_no_relationships_on_the_user() -> None:
    own = [
        it.key
        for it in inspect(User).relationships
        if part_name(it.mapper.class_.__module__) in starter_parts()
    ]
    assert not own, "User would grow with every feature. Query the rows of the feature instead."


def part_name(module: str) -> str:
    return module.split(".")[1] if module.startswith("app.") else module


def starter_parts() -> set[str]:
    return {part_name(part.__name__) for part in FOUNDATION + IDENTITY}


def test_every_view_that_is_marked_as_public_is_public(
    make_app: Callable[..., Application],
) -> None:
    """Another decorator may hide the mark. The page then requires a sign-in after all."""
    application = make_app(DEBUG=True)
    marked = {
        f"{path.parent.name}.{function.name}"
        for path, function in functions()
        if any(ast.unparse(mark) == "public" for mark in function.decorator_list)
    }
    with application.app_context():
        opened = {
            endpoint
            for endpoint, view in application.view_functions.items()
            if is_public(endpoint) and view.__module__.startswith("app.")
        }
    assert marked == {endpoint for endpoint in opened if not endpoint.endswith("static")}


# --- Documentation -------------------------------------------------------------------------------


SETTINGS = [
    (name, kind, declared)
    for declared in (Config, *declared_settings())
    for name, kind in types_of_settings(declared).items()
]


@pytest.mark.parametrize(("name", "kind", "declared"), SETTINGS, ids=lambda it: str(it))
def test_every_setting_is_documented_with_its_default(
    name: str, kind: type, declared: type
) -> None:
    """Those of config.py in docs/settings.md, and those of a part on any page of docs/."""
    pages = "settings.md" if declared is Config else "*.md"
    text = "\n".join(page.read_text() for page in (ROOT / "docs").glob(pages))
    rows = re.findall(rf"^\| `{name}` \| (?:`(.*?)`|none) \| \S", text, re.MULTILINE)
    assert len(rows) == 1, f"A table in docs/{pages} must list {name} once."
    documented = READERS[kind](name, rows[0] or "")
    assert documented == getattr(declared, name), f"The docs give {name} another default."


def test_every_setting_is_declared_once() -> None:
    names = [name for name, _, _ in SETTINGS]
    assert len(names) == len(set(names)), "The later part would override the setting of the other."
