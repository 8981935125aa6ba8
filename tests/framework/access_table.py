"""The access table: the status of every route for each kind of user.

The lines are in `tests/access.py`. Those of parts that can be removed, and of your own parts, are
in `tests/<part>/access.py`. `python -m tests.framework.access_table` writes docs/access.md.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from werkzeug.routing import Rule

from app.application import Application, is_static_file
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests import access
from tests.client import Client
from tests.conftest import password_hash, signed_in, visitor
from tests.contributions import contributed, contributors
from tests.framework.starter import is_products, is_products_module

ROOT = Path(__file__).parents[2]
# The redirect of a page, or the response to a form.
SIGN_IN = re.compile(r'^/login\?next=|action="/login"')
DOCUMENT = ROOT / "docs/access.md"


@dataclass(frozen=True)
class Kind:
    """A kind of user. `kinds(app)` in the `access.py` of a part returns further ones."""

    name: str
    # Open a new browser as a new user of this kind.
    open: Callable[[Application], Client]
    # The kind whose column counts in a table without a column for this one.
    like: str


@dataclass(frozen=True)
class Line:
    # Such as `GET /account`.
    route: str
    # By the name of the kind of user.
    statuses: dict[str, str]

    def expected(self, kind: Kind) -> str:
        return self.statuses.get(kind.name, self.statuses[kind.like])


def new_user(app: Application) -> User:
    user = User(email=f"{token_hex(8)}@example.com", password_hash=password_hash())
    with app.app_context(), unit_of_work():
        db.session.add(user)
    return user


def open_as_user(app: Application) -> Client:
    return signed_in(app, new_user(app))


def kinds(app: Application) -> list[Kind]:
    own = [Kind("visitor", visitor, like="visitor"), Kind("user", open_as_user, like="user")]
    return own + [kind for added in contributed("access", "kinds") for kind in added(app)]


def read_table(table: str) -> list[Line]:
    """Read the lines of a table, whose first line names the kinds of users."""
    header, *lines = table.strip().splitlines()
    return [read_line(line, header.split()) for line in lines]


def read_line(line: str, kinds: list[str]) -> Line:
    method, rule, *statuses = line.split()
    return Line(f"{method} {rule}", dict(zip(kinds, statuses, strict=True)))


def tables() -> dict[str, str]:
    """Return the text of each table, by the folder of its tests; the first has none."""
    modules = {"": access, **contributors("access")}
    return {it: module.TABLE for it, module in modules.items() if hasattr(module, "TABLE")}


def all_lines() -> list[Line]:
    return [line for table in tables().values() for line in read_table(table)]


def routes(app: Application) -> Iterator[tuple[str, Rule]]:
    """Yield every route with its rule, except static files, which all visitors may read."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if not is_static_file(rule.endpoint):
                yield f"{method} {rule.rule}", rule


def url_of(app: Application, rule: Rule) -> str:
    """Return a URL of this rule.

    Its variables name nothing, or a row that a function in SAMPLES of an `access.py` has created.
    """
    samples: dict[str, Callable[[Application], Any]] = {}
    for added in contributed("access", "SAMPLES"):
        samples |= added
    values: dict[str, Any] = {
        name: 0 if "Integer" in type(converter).__name__ else "x"
        for name, converter in rule._converters.items()
    }
    values |= {name: samples[name](app) for name in values if name in samples}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def status_for(kind: Kind, app: Application, route: str, rule: Rule) -> str:
    """Return the status that a user of this kind gets, for a form with nothing but its token.

    `sign-in` if it requires a sign-in: other pages redirect too.
    """
    browser = kind.open(app)
    method = route.partition(" ")[0]
    token = {"csrf_token": browser.csrf_token("/preferences")} if method != "GET" else None
    response = browser.open(url_of(app, rule), method=method, data=token)
    asks = response.location or ("" if response.status_code != 401 else response.text)
    response.close()
    return "sign-in" if SIGN_IN.search(asks) else str(response.status_code)


def missing_lines(app: Application, known: Collection[str]) -> str:
    """Return a sentence with the lines that are missing in each file, or "" if none is."""
    missing: dict[str, list[Line]] = {}
    for route, rule in routes(app):
        if route not in known:
            file = file_for(app.view_functions[rule.endpoint])
            missing.setdefault(file, []).append(measured_line(app, route, rule))
    return "\n".join(
        f"{', '.join(line.route for line in lines)}: no line in the access table. If each kind of "
        f"user should get the status that it gets now, add to {file}:\n\n"
        f"{format_table(without_default_columns(lines, kinds(app)))}"
        for file, lines in missing.items()
    )


def measured_line(app: Application, route: str, rule: Rule) -> Line:
    return Line(route, {kind.name: status_for(kind, app, route, rule) for kind in kinds(app)})


def without_default_columns(lines: list[Line], kinds: list[Kind]) -> list[Line]:
    """Leave out each kind that gets the status of the kind which it is like, in all lines."""
    shown = [
        kind.name
        for kind in kinds
        if kind.like == kind.name
        or any(line.statuses[kind.name] != line.statuses[kind.like] for line in lines)
    ]
    return [Line(line.route, {name: line.statuses[name] for name in shown}) for line in lines]


def file_for(view: Callable[..., Any]) -> str:
    """Return the file for the lines of a view: that of its part, if the part can be removed."""
    own = f"tests/{part_name(view.__module__)}/access.py"
    is_apart = (ROOT / own).exists() or is_products_module(view.__module__)
    return own if is_apart else "tests/access.py"


def part_name(module: str) -> str:
    return module.split(".")[1] if module.startswith("app.") else module


def format_table(lines: list[Line]) -> str:
    """Return the text of a table, with its columns aligned."""
    names = list(lines[0].statuses)
    width = max(len(line.route) for line in lines)
    rows = [
        line.route.ljust(width)
        + "".join(f"  {line.statuses[name]:>{max(len(name), 7)}}" for name in names)
        for line in lines
    ]
    return (
        "\n".join(["  ".join(["".ljust(width), *(name.rjust(7) for name in names)]), *rows]) + "\n"
    )


def document() -> str:
    """Return docs/access.md: its introduction as it is, and a section for each table."""
    introduction = DOCUMENT.read_text().partition("## ")[0]
    return introduction + "\n".join(
        section(folder, read_table(table))
        for folder, table in tables().items()
        if not is_products(f"{folder}/access.py") or not folder
    )


def section(folder: str, lines: list[Line]) -> str:
    """Return a table in Markdown, in a block that is removed together with its part."""
    names = list(lines[0].statuses)
    rows = [["Route", *names], ["---"] * (len(names) + 1)]
    rows += [[f"`{line.route}`", *(line.statuses[it] for it in names)] for line in lines]
    title = folder.replace("_", " ").capitalize() or "Parts that every site has"
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    text = f"## {title}\n\n{table}\n"
    return f"<!-- part: {folder} -->\n{text}<!-- end part: {folder} -->\n" if folder else text


if __name__ == "__main__":
    DOCUMENT.write_text(document())
