"""Put the texts of new files into the catalogues of translations."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tools.catalogs import Message, catalogs, read_catalog, write

TEXT = re.compile(r'\b_\("([^"]*)"')
TRANSLATIONS = Path(__file__).parent / "translations.toml"


def add_texts(tree: Path, files: dict[str, str]) -> list[str]:
    """Add the texts of new files to all catalogues. Return those that are not translated yet."""
    known = tomllib.loads(TRANSLATIONS.read_text("utf-8"))
    missing: dict[str, None] = {}
    for catalog in catalogs(tree):
        language = catalog.split("/")[-3]
        messages = read_catalog((tree / catalog).read_text("utf-8"))
        messages = with_texts(messages, files, known.get(language, {}))
        write(tree, catalog, messages)
        missing |= dict.fromkeys(untranslated(messages, files))
    return list(missing)


def with_texts(
    messages: list[Message], files: dict[str, str], translated: dict[str, str]
) -> list[Message]:
    """Add each text where `make translations` would have it."""
    found = {it.key: it for it in messages}
    for path in sorted(files):
        for text in texts_in(files[path]):
            message = found.get(("", text)) or new_message(text, translated.get(text, ""))
            locations = tuple(sorted({*message.locations, path}))
            found["", text] = replace(message, locations=locations)
    return sorted(found.values(), key=lambda it: place_of(it, files))


def place_of(message: Message, files: dict[str, str]) -> tuple[str, int]:
    """Return the file that has a text first, and its place among the texts of a new file."""
    first, text = first_location(message), message.key[1]
    texts = list(texts_in(files[first])) if first in files else []
    return first, texts.index(text) if text in texts else 0


def first_location(message: Message) -> str:
    """Return the file in which Babel finds a text first. It sorts the texts by this."""
    return min(message.locations, key=walked, default="")


def walked(path: str) -> list[tuple[bool, str]]:
    """Return the order in which files are walked: those of a folder before its folders."""
    *folders, name = path.split("/")
    return [*((True, folder) for folder in folders), (False, name)]


def texts_in(source: str) -> Iterable[str]:
    return dict.fromkeys(TEXT.findall(source))


def new_message(text: str, translation: str) -> Message:
    return Message((), (), f'msgid "{text}"\nmsgstr "{translation}"')


def untranslated(messages: list[Message], files: dict[str, str]) -> list[str]:
    open_ones = [it for it in messages if it.fields.get("msgstr") == ""]
    return [it.key[1] for it in open_ones if set(it.locations) & set(files)]
