"""The tables of docs/performance.md and of the README, in Markdown."""

import platform
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.chart import chart
from benchmarks.machine import description
from benchmarks.markup import SAME_MARKUP
from benchmarks.rounds import FEW, MANY, OPERATIONS, Measured

ROOT = Path(__file__).parent.parent
NAMES = {
    "bare": "bare",
    "lean": "lean",
    "lockstep": "**Lockstep**",
    "flask_security": "Flask-Security",
    "django": "Django",
    "minimal": "minimal",
    "lockstep_minimal": "**Lockstep, same markup**",
}
PACKAGES = ["flask", "sqlalchemy", "psycopg", "gunicorn", "flask-security", "django"]
NONE = "-"
Row = tuple[str, Callable[[str], str]]


def versions() -> str:
    """Return when, on what and with what it was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {description()}, Python {platform.python_version()}, "
        f"{packages}; 2 sync workers."
    )


def table(targets: list[str], rows: list[Row]) -> Iterator[str]:
    yield f"| | {' | '.join(NAMES[it] for it in targets)} |"
    yield f"|---|{'---:|' * len(targets)}"
    for name, cell in rows:
        yield f"| {name} | {' | '.join(cell(target) for target in targets)} |"


def ratios(
    measured: Measured, reference: str = "lean", *, with_milliseconds: bool = True
) -> list[Row]:
    """Return CPU per request as a ratio to the reference's, and in milliseconds."""

    def row(operation: str) -> Row:
        def cell(target: str) -> str:
            task, one = (measured.few.get((operation, it)) for it in (target, reference))
            if task is None or one is None:
                return NONE
            ratio = f"{task.of('cpu') / one.of('cpu'):.2f}"
            return f"{ratio} ({task.of('cpu'):.2f} ms)" if with_milliseconds else ratio

        return operation, cell

    return [row(it) for it in OPERATIONS if (it, reference) in measured.few]


def same_markup(measured: Measured, *, with_milliseconds: bool = True) -> Iterator[str]:
    """Return the table of the targets that answer the same markup, if they were measured."""
    reference = SAME_MARKUP[0]
    rows = ratios(measured, reference, with_milliseconds=with_milliseconds)
    if rows:
        yield f"\nThe same markup, relative to {reference}, on {measured.database}:\n"
        yield from table(SAME_MARKUP, rows)


def plain(operations: list[str], name: str, of: Callable[[str, str], str | None]) -> list[Row]:
    return [
        (name.format(operation=it), lambda target, it=it: of(it, target) or NONE)
        for it in operations
    ]


def details(measured: Measured) -> list[Row]:
    """Return everything that is not a ratio of CPU."""
    done = [it for it in OPERATIONS if (it, "lean") in measured.few]
    memory, start = measured.memory, measured.start

    def speed(operation: str, target: str) -> str | None:
        task = measured.few.get((operation, target))
        return task and f"{task.of('per_second'):.0f}"

    def database(operation: str, target: str) -> str | None:
        task = measured.few.get((operation, target))
        return task and f"{task.of('database_cpu'):.2f}"

    def waiting(runs: dict) -> Callable[[str, str], str | None]:
        def wait(operation: str, target: str) -> str | None:
            task = runs.get((operation, target))
            return task and f"{task.of('p50'):.0f} / {task.of('p99'):.0f}"

        return wait

    pages = ["sign-in page", "signed-in page"]
    rows = plain(done, "{operation}: requests per second", speed)
    rows += plain(
        ["signed-in page"],
        f"{{operation}}: p50 / p99, {FEW} connections, ms",
        waiting(measured.few),
    )
    rows += plain(
        ["signed-in page"],
        f"{{operation}}: p50 / p99, {MANY} connections, ms",
        waiting(measured.many),
    )
    if measured.database == "postgresql":
        rows += plain(done[1:3], "{operation}: CPU of the database, ms", database)
    rows += plain(
        pages, "{operation}: bytes", lambda *page: str(len(measured.pages[page].encode()))
    )
    if measured.statements:
        counted = ["signed-in page", "signed-in write", "sign-in"]
        rows += plain(
            counted,
            "{operation}: statements",
            lambda operation, it: str(measured.statements.get((operation, it), NONE)),
        )
    rows.append(
        (
            "memory of a worker, MB",
            lambda it: f"{memory[it]:.0f} ({memory[it] / memory['lean']:.2f})",
        )
    )
    if start:
        cpu = start["lean"][0]
        rows.append(("start: CPU, s", lambda it: f"{start[it][0]:.2f} ({start[it][0] / cpu:.2f})"))
        rows.append(("exec to the first 200, s", lambda it: f"{start[it][1]:.2f}"))
    return rows


def tables(found: list[Measured]) -> Iterator[str]:
    """Return what docs/performance.md shows between its markers."""
    yield f"Measured {versions()}"
    for measured in found:
        targets = list(measured.memory)
        yield f"\nCPU time per request, relative to lean, on {measured.database}:\n"
        yield from table(targets, ratios(measured))
        yield from same_markup(measured)
        yield f"\nThe rest, on {measured.database}:\n"
        yield from table(targets, details(measured))


def write(found: list[Measured]) -> None:
    """Put the tables and the chart where people read them."""
    replace(ROOT / "docs/performance.md", "\n".join(tables(found)))
    targets = list(found[0].memory)
    short = [
        *table(targets, ratios(found[0], with_milliseconds=False)),
        *same_markup(found[0], with_milliseconds=False),
    ]
    replace(ROOT / "README.md", "\n".join([*short, f"\nMeasured {versions()}"]))
    (ROOT / "docs/performance.svg").write_text(chart(found[0]))


def replace(page: Path, words: str) -> None:
    """Write `words` between the markers of a page. Raises SystemExit if it has none."""
    between = re.compile(
        r"(?<=<!-- make bench writes this -->\n).*?(?=<!-- until here -->)", re.DOTALL
    )
    said, count = between.subn(lambda _: f"\n{words}\n\n", page.read_text())
    if not count:
        raise SystemExit(f"{page} has no place for the figures any more.")
    page.write_text(said)
