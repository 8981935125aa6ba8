"""Catalogues lose the messages of removed files, and are written as `make translations` does."""

from pathlib import Path

import pytest

from tools.catalogs import compile_catalog, merge_catalogs, read_catalog, write_catalog

CATALOGS = sorted((Path(__file__).parents[3] / "app/translations").glob("*/LC_MESSAGES/*.po"))
HEADER = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n\n'


def message(id: str, text: str, *places: str) -> str:
    return f'#: {" ".join(places)}\nmsgid "{id}"\nmsgstr "{text}"\n\n'


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_catalog_is_written_and_compiled_as_babel_does(path: Path) -> None:
    messages = read_catalog(path.read_text())
    assert write_catalog(messages) == path.read_text()
    assert compile_catalog(messages) == path.with_suffix(".mo").read_bytes()


def test_an_update_keeps_the_translations_of_the_product() -> None:
    base = HEADER + message("Yes", "Ja", "a.py") + message("No", "Nein", "a.py")
    ours = HEADER + message("Yes", "Jawohl", "a.py") + message("Note", "Notiz", "notes.py")
    theirs = HEADER + message("Yes", "Ja", "b.py") + message("New", "Neu", "b.py")
    merged = write_catalog(merge_catalogs(base, ours, theirs))
    assert (
        merged.rstrip()
        == (
            HEADER
            + message("Yes", "Jawohl", "b.py")
            + message("New", "Neu", "b.py")
            + message("Note", "Notiz", "notes.py")
        ).rstrip()
    )
