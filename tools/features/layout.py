"""Lay out generated Python as the formatter does, so that it needs no package."""

import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 99
INDENT = "    "


@dataclass(frozen=True)
class Brackets:
    """Code in brackets: a call, a list or a tuple, with the text before and after its items."""

    before: str
    items: tuple["Code", ...]
    after: str
    # One item a line, also if all fit in one.
    is_spread: bool = False


Code = str | Brackets


def call(name: str, *arguments: Code, after: str = ")", is_spread: bool = False) -> Brackets:
    return Brackets(f"{name}(", arguments, after, is_spread)


def tuple_of(name: str, item: Code) -> Brackets:
    return Brackets(f"{name} = (", (item,), ",)")


def comment(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )


def listed(*items: Code) -> Brackets:
    return Brackets("[", items, "]")


def flat(code: Code) -> str:
    if isinstance(code, str):
        return code
    return code.before + ", ".join(map(flat, code.items)) + code.after


def lay_out(code: Code, indent: str = "", end: str = "") -> str:
    """Write code in one line if it fits; else its items in one line; else one item a line."""
    line = indent + flat(code) + end
    if isinstance(code, str) or (len(line) <= WIDTH and not code.is_spread):
        return line
    inner = indent + INDENT
    body = inner + ", ".join(map(flat, code.items))
    if len(body) > WIDTH or needs_commas(code):
        body = "\n".join(lay_out(item, inner, ",") for item in code.items)
    return f"{indent}{code.before}\n{body}\n{indent}{code.after.removeprefix(',')}{end}"


def needs_commas(code: Brackets) -> bool:
    """Return whether broken brackets have one item a line: literals, and lone parameters."""
    is_literal = code.before.endswith(("[", "{")) and len(code.items) > 1
    is_lone_parameter = code.before.startswith("def ") and len(code.items) == 1
    is_tuple = code.after.startswith(",")
    return code.is_spread or is_literal or is_lone_parameter or is_tuple


def imports(*names: str) -> str:
    """Write imports, given as "module:name", or "module" for the module itself."""
    sections: dict[int, dict[str, set[str]]] = {0: {}, 1: {}, 2: {}}
    for name in names:
        module, _, member = name.partition(":")
        sections[section_of(module)].setdefault(module, set()).update(filter(None, [member]))
    return "\n\n".join(section(it) for it in sections.values() if it)


def section_of(module: str) -> int:
    """Return 0 for the standard library, 1 for packages, 2 for the project."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if top in {"app", "tests"} else 1


def section(modules: dict[str, set[str]]) -> str:
    whole = [f"import {module}" for module in sorted(modules) if not modules[module]]
    return "\n".join([*whole, *(line(it, modules[it]) for it in sorted(modules) if modules[it])])


def line(module: str, members: Iterable[str]) -> str:
    ordered = tuple(sorted(members, key=lambda it: (kind_of(it), it.lower())))
    one = f"from {module} import {', '.join(ordered)}"
    if len(one) <= WIDTH:
        return one
    return lay_out(Brackets(f"from {module} import (", ordered, ")", is_spread=True))


def kind_of(name: str) -> int:
    """Sort constants before classes, and these before functions."""
    if name.isupper() and len(name) > 1:
        return 0
    return 1 if name[0].isupper() else 2
