"""The docs name existing files and tests, and docs/security.md covers all requirements."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from tests.framework.document_links import broken_links
from tests.framework.printed_examples import commands, examples
from tools.feature import files_of
from tools.features.feature import Feature
from tools.features.fields import parse_fields
from tools.features.names import singular_of

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# The changelog also names files that were removed since.
CURRENT = [document for document in DOCUMENTS if document.name != "CHANGELOG.md"]
# A path in backquotes, perhaps with a test.
NAMED = re.compile(r"`((?:app|config|deploy|docs|migrations|tests)[/.][\w./-]*\w)(?:::(\w+))?`")
SECURITY = (ROOT / "docs/security.md").read_text()
# The requirements of levels 1 and 2 in each section of ASVS 5.0.0.
SECTIONS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6
3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12
6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2
8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2
10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1
13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7 16.1:1
16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""


@cache
def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if hasattr(node, "name")}


@pytest.mark.parametrize("document", CURRENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_test_that_is_named_exists(document: Path) -> None:
    written = examples(document)  # files that the reader creates
    for path, test in NAMED.findall(document.read_text()):
        if any(example.startswith(path) for example in written):
            continue
        file = ROOT / path
        assert file.exists(), f"{document.name} names {path}, which does not exist."
        assert not test or test in names_in(file), f"{document.name} names {path}::{test}."


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_is_valid(document: Path) -> None:
    assert broken_links(document) == []


def test_the_readme_prints_what_its_command_writes() -> None:
    readme = ROOT / "README.md"
    [command] = [it for it in commands(readme) if it.startswith("make feature ")]
    variables = dict(word.split("=", 1) for word in shlex.split(command)[2:])
    fields = parse_fields(variables["FIELDS"].split())
    notes = Feature(
        variables["NAME"], singular_of(variables["NAME"]), tuple(fields), is_owned=True
    )
    printed = examples(readme)
    assert printed.items() <= files_of(ROOT, notes, "20270101").items()
    assert set(printed) == {"app/notes/models.py", "app/notes/views.py"}


def requirements() -> list[str]:
    listed = []
    for section, first, last in re.findall(r"(\d+\.\d+):(\d+)(?:-(\d+))?", SECTIONS):
        listed += [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    return listed


def requirements_with_a_row() -> list[str]:
    """Return the requirements with a row, and those of sections that are not applicable."""
    rows = re.findall(r"^\| (\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*) \|", SECURITY, re.MULTILINE)
    asides = re.findall(
        r"((?:\d+\.\d+(?:,| and| to)?\s+)+)(?:is|are)\s+not\s+applicable", SECURITY
    )
    aside = {section for text in asides for section in sections_in(text)}
    return [
        *(requirement for row in rows for requirement in row.split(", ")),
        *(each for each in requirements() if each.rpartition(".")[0] in aside),
    ]


def sections_in(text: str) -> list[str]:
    """Read `5.1, 5.2 and 5.3` and `10.1 to 10.7`."""
    named = re.findall(r"\d+\.\d+", text)
    if " to " not in text:
        return named
    chapter, first = named[0].split(".")
    return [f"{chapter}.{n}" for n in range(int(first), int(named[1].split(".")[1]) + 1)]


def test_every_requirement_of_the_standard_has_one_row() -> None:
    assert len(requirements()) == 253
    assert sorted(requirements_with_a_row()) == sorted(requirements())


def test_a_requirement_that_is_met_names_its_test() -> None:
    for row in re.findall(r"^\| \d.*\|$", SECURITY, re.MULTILINE):
        _, _, how, where, _ = row.split("|")
        excused = re.search(r"[Nn]ot (applicable|met)|Yours|\]\(#", how)
        assert where.strip() or excused, f"Nothing shows this: {row}"


DRILLS = {
    f"tests/framework/drills/{path.name}::{name}"
    for path in (ROOT / "tests/framework/drills").glob("drill_*.py")
    for name in names_in(path)
    if name.startswith("test_")
}


def test_the_tables_of_faults_have_a_row_for_every_drill() -> None:
    tables = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    assert set(re.findall(r"`(tests/framework/drills/drill_\w+\.py::\w+)`", tables)) == DRILLS
