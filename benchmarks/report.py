"""Write the tables of docs/performance.md and of the README, in Markdown."""

import platform
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.chart import draw_chart
from benchmarks.machine import description
from benchmarks.markup import SAME_MARKUP
from benchmarks.rounds import FEW, MANY, OPERATIONS, Measurements

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
NOT_MEASURED = "-"
Row = tuple[str, Callable[[str], str]]


def versions() -> str:
    """Return the date, the machine and the versions of this measurement."""
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
    measured: Measurements, reference: str = "lean", *, with_milliseconds: bool = True
) -> list[Row]:
    """Return the CPU time per request as a ratio to the reference, and in milliseconds."""

    def row(operation: str) -> Row:
        def cell(target: str) -> str:
            task, one = (measured.few.get((operation, it)) for it in (target, reference))
            if task is None or one is None:
                return NOT_MEASURED
            ratio = f"{task.median_of('cpu') / one.median_of('cpu'):.2f}"
            return f"{ratio} ({task.median_of('cpu'):.2f} ms)" if with_milliseconds else ratio

        return operation, cell

    return [row(it) for it in OPERATIONS if (it, reference) in measured.few]


def same_markup(measured: Measurements, *, with_milliseconds: bool = True) -> Iterator[str]:
    """Return the table of the targets that send the same markup, if they were measured."""
    reference = SAME_MARKUP[0]
    rows = ratios(measured, reference, with_milliseconds=with_milliseconds)
    if rows:
        yield f"\nThe same markup, relative to {reference}, on {measured.database}:\n"
        yield from table(SAME_MARKUP, rows)


def rows_of(operations: list[str], name: str, cell: Callable[[str, str], str | None]) -> list[Row]:
    """Return a row for each operation; `cell` takes an operation and a target."""
    return [
        (name.format(operation=it), lambda target, it=it: cell(it, target) or NOT_MEASURED)
        for it in operations
    ]


def details(measured: Measurements) -> list[Row]:
    """Return all results other than ratios of CPU time."""
    compared = [it for it in OPERATIONS if (it, "lean") in measured.few]
    memory, startup = measured.memory, measured.startup

    def speed(operation: str, target: str) -> str | None:
        task = measured.few.get((operation, target))
        return task and f"{task.median_of('per_second'):.0f}"

    def database(operation: str, target: str) -> str | None:
        task = measured.few.get((operation, target))
        return task and f"{task.median_of('database_cpu'):.2f}"

    def latency_in(tasks: dict) -> Callable[[str, str], str | None]:
        def latency(operation: str, target: str) -> str | None:
            task = tasks.get((operation, target))
            return task and f"{task.median_of('p50'):.0f} / {task.median_of('p99'):.0f}"

        return latency

    pages = ["sign-in page", "signed-in page"]
    rows = rows_of(compared, "{operation}: requests per second", speed)
    rows += rows_of(
        ["signed-in page"],
        f"{{operation}}: p50 / p99, {FEW} connections, ms",
        latency_in(measured.few),
    )
    rows += rows_of(
        ["signed-in page"],
        f"{{operation}}: p50 / p99, {MANY} connections, ms",
        latency_in(measured.many),
    )
    if measured.database == "postgresql":
        rows += rows_of(compared[1:3], "{operation}: CPU of the database, ms", database)
    rows += rows_of(
        pages, "{operation}: bytes", lambda *page: str(len(measured.pages[page].encode()))
    )
    if measured.statements:
        counted = ["signed-in page", "signed-in write", "sign-in"]
        rows += rows_of(
            counted,
            "{operation}: statements",
            lambda operation, it: str(measured.statements.get((operation, it), NOT_MEASURED)),
        )
    rows.append(
        (
            "memory of a worker, MB",
            lambda it: f"{memory[it]:.0f} ({memory[it] / memory['lean']:.2f})",
        )
    )
    if startup:
        cpu = startup["lean"][0]
        rows.append(
            ("start: CPU, s", lambda it: f"{startup[it][0]:.2f} ({startup[it][0] / cpu:.2f})")
        )
        rows.append(("exec to the first 200, s", lambda it: f"{startup[it][1]:.2f}"))
    return rows


def tables(results: list[Measurements]) -> Iterator[str]:
    """Return the text between the markers of docs/performance.md."""
    yield f"Measured {versions()}"
    for measured in results:
        targets = list(measured.memory)
        yield f"\nCPU time per request, relative to lean, on {measured.database}:\n"
        yield from table(targets, ratios(measured))
        yield from same_markup(measured)
        yield f"\nThe rest, on {measured.database}:\n"
        yield from table(targets, details(measured))


def write(results: list[Measurements]) -> None:
    """Write the tables and the chart into the docs and the README."""
    replace(ROOT / "docs/performance.md", "\n".join(tables(results)))
    targets = list(results[0].memory)
    short = [
        *table(targets, ratios(results[0], with_milliseconds=False)),
        *same_markup(results[0], with_milliseconds=False),
    ]
    replace(ROOT / "README.md", "\n".join([*short, f"\nMeasured {versions()}"]))
    (ROOT / "docs/performance.svg").write_text(draw_chart(results[0]))


def replace(page: Path, markdown: str) -> None:
    """Write Markdown between the markers of a page. Raises SystemExit if it has none."""
    between = re.compile(
        r"(?<=<!-- make bench writes this -->\n).*?(?=<!-- until here -->)", re.DOTALL
    )
    text, count = between.subn(lambda _: f"\n{markdown}\n\n", page.read_text())
    if not count:
        raise SystemExit(f"{page} has no markers to write the tables between.")
    page.write_text(text)
