"""The names of a feature: plural and singular, and which ones cannot be used."""

import builtins
import keyword
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.git import Refused, files
from tools.parts import Part

MAX_LENGTH = 20
# Of identifiers in PostgreSQL.
MAX_IDENTIFIER_LENGTH = 63
VALID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
SINGULARS = {
    "buses": "bus",
    "caches": "cache",
    "children": "child",
    "movies": "movie",
    "people": "person",
    "quizzes": "quiz",
    "statuses": "status",
}
# Longer endings first.
ENDINGS = [
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("zes", "z"),
    ("s", ""),
]
RESERVED: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "reserved.toml").read_text("utf-8")
)
BLUEPRINT = re.compile(r'Blueprint\(\s*"(\w+)"')
ROUTE = re.compile(r"""\.(?:route|get|post|add_url_rule)\(\s*["']/([\w.-]+)""")
TABLE = re.compile(r'(?:__tablename__ = |create_table\(\s*)"(\w+)"')
OTHER = "Nothing was changed: choose another NAME, or give SINGULAR=…"


def require_valid(name: str, what: str) -> None:
    if not VALID.fullmatch(name) or len(name) > MAX_LENGTH:
        raise Refused(
            f"{what} {name!r} is not valid. Use at most {MAX_LENGTH} lower-case letters, digits "
            "and single underscores, beginning with a letter: team_notes."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise Refused(f"{what} {name!r} is a keyword of Python. Use another name.")
    if name in RESERVED["sql"]:
        raise Refused(f"{what} {name!r} is reserved in SQL. Use another name.")


def singular_of(plural: str, given: str = "") -> str:
    """Return the singular. Raises Refused if it cannot be derived."""
    if given:
        return given
    words = plural.split("_")
    last = words[-1]
    if last in SINGULARS:
        return "_".join([*words[:-1], SINGULARS[last]])
    if not last.endswith(("ss", "us", "is")):
        for ending, singular in ENDINGS:
            if last.endswith(ending) and len(last) > len(ending) + 1:
                return "_".join([*words[:-1], last.removesuffix(ending) + singular])
    raise Refused(
        f"NAME is the plural, such as notes. If {plural!r} is one, give its singular as well: "
        "SINGULAR=…"
    )


def class_name(singular: str) -> str:
    return "".join(word.capitalize() for word in singular.split("_"))


def require_unused(tree: Path, plural: str) -> None:
    """Raise Refused if the name is used already."""
    if plural in sys.stdlib_module_names:
        raise Refused(f"{plural!r} is a module of Python's standard library. {OTHER}")
    if used_by := next(users_of(tree, plural), None):
        raise Refused(f"{plural!r} cannot be used: {used_by}. {OTHER}")


def require_distinct(plural: str, singular: str) -> None:
    """Raise Refused if the generated code uses these names for something else."""
    for name in (plural, singular):
        if name in RESERVED["code"]:
            raise Refused(f"The generated code uses {name!r} for something else. {OTHER}")
    if plural == singular:
        raise Refused(f"Plural and singular are both {plural!r}, and name two pages. {OTHER}")
    model = class_name(singular)
    if model in RESERVED["classes"] or hasattr(builtins, model):
        raise Refused(f"The class {model} exists in the code that it would import. {OTHER}")


def users_of(tree: Path, name: str) -> Iterator[str]:
    """Yield the existing uses of this name."""
    part = Part(name, f"app/{name}/part.toml", title="")
    sources = [path for path in files(tree) if path.startswith(("app/", "migrations/"))]
    code = "\n".join((tree / path).read_text("utf-8") for path in sources if path.endswith(".py"))
    if (tree / f"app/{name}").is_dir():
        yield f"app/{name}/ exists"
    if name in RESERVED["planned"]:
        yield "a later part of the starter has this name"
    if name in BLUEPRINT.findall(code):
        yield "a blueprint has this name"
    if name in TABLE.findall(code):
        yield "a table has this name"
    if name.replace("_", "-") in ROUTE.findall(code):
        yield f"pages at /{name.replace('_', '-')} exist"
    for path in files(tree):
        if part.owns(path) or path in {f"app/{name}.py", f"tests/{name}.py"}:
            yield f"{path} exists"
