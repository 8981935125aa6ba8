"""Remove unused messages from the catalogues of translations, merge and compile them.

Written in the order and the format of `make translations`, without its packages.
"""

import ast
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tools.git import files

FIELD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) (".*")$')
MAGIC = 0x950412DE
WIDTH = 99  # of `make translations`


@dataclass(frozen=True)
class Message:
    """A message of a .po file: its comments, where it is used, and its fields as written."""

    comments: tuple[str, ...]
    locations: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        own = [comment for comment in self.comments if comment.startswith("# ")]
        flags = [comment for comment in self.comments if not comment.startswith("# ")]
        return "\n".join([*own, *wrap(self.locations), *flags, self.source])

    @property
    def fields(self) -> dict[str, str]:
        values: dict[str, str] = {}
        name = ""
        for line in self.source.splitlines():
            if field := FIELD.match(line):
                name, line = field[1], field[2]
            values[name] = values.get(name, "") + ast.literal_eval(line)
        return values

    @property
    def key(self) -> tuple[str, str]:
        return self.fields.get("msgctxt", ""), self.fields["msgid"]

    @property
    def is_header(self) -> bool:
        return self.key == ("", "")


def wrap(locations: Iterable[str]) -> list[str]:
    """Write the locations in as many lines as Babel does."""
    lines: list[str] = []
    for location in locations:
        if lines and len(lines[-1]) + len(location) <= WIDTH + len("#:"):
            lines[-1] += f" {location}"
        else:
            lines.append(f"#: {location}")
    return lines


def read_catalog(text: str) -> list[Message]:
    return [read_message(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]


def read_message(block: str) -> Message:
    lines = block.splitlines()
    comments = [line for line in lines if line.startswith("#")]
    locations = [it for line in comments if line.startswith("#:") for it in line[2:].split()]
    return Message(
        comments=tuple(line for line in comments if not line.startswith("#:")),
        locations=tuple(locations),
        source="\n".join(line for line in lines if not line.startswith("#")),
    )


def write_catalog(messages: Iterable[Message]) -> str:
    return "\n\n".join(str(message) for message in messages) + "\n\n"


def compile_catalog(messages: Iterable[Message]) -> bytes:
    """Return the .mo file of a catalogue."""
    pairs = sorted(pair for message in messages if (pair := compiled(message)))
    start = 28 + 16 * len(pairs)
    ids = b"".join(id + b"\0" for id, _ in pairs)
    texts = b"".join(text + b"\0" for _, text in pairs)
    index = [*offsets([id for id, _ in pairs], start)]
    index += offsets([text for _, text in pairs], start + len(ids))
    header = (MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return struct.pack(f"<7I{len(index)}I", *header, *index) + ids + texts


def offsets(values: list[bytes], start: int) -> Iterable[int]:
    for value in values:
        yield from (len(value), start)
        start += len(value) + 1


def compiled(message: Message) -> tuple[bytes, bytes] | None:
    """Return the id and the text of a message, or None if it is not translated."""
    values = message.fields
    texts = [text for name, text in values.items() if name.startswith("msgstr")]
    if not any(texts) or any("fuzzy" in comment for comment in message.comments):
        return None
    id = "\0".join(values[name] for name in ("msgid", "msgid_plural") if name in values)
    context = f"{values['msgctxt']}\x04" if "msgctxt" in values else ""
    return (context + id).encode(), "\0".join(texts).encode()


def prune_catalogs(tree: Path, gone: set[str], changed: set[str]) -> None:
    """Remove the messages that only removed files or removed lines of changed files use."""
    for path in catalogs(tree):
        messages = read_catalog((tree / path).read_text("utf-8"))
        used = [replace(it, locations=tuple(uses(tree, it, gone, changed))) for it in messages]
        write(tree, path, [it for it in used if it.locations or it.is_header])


def catalogs(tree: Path) -> list[str]:
    return [path for path in files(tree) if path.endswith("/LC_MESSAGES/messages.po")]


def write(tree: Path, path: str, messages: list[Message]) -> None:
    (tree / path).write_text(write_catalog(messages), "utf-8")
    (tree / path).with_suffix(".mo").write_bytes(compile_catalog(messages))


def compile_catalogs(tree: Path) -> None:
    for path in catalogs(tree):
        write(tree, path, read_catalog((tree / path).read_text("utf-8")))


def uses(tree: Path, message: Message, gone: set[str], changed: set[str]) -> Iterable[str]:
    for path in message.locations:
        is_used = path not in changed or is_in(message.fields["msgid"], tree / path)
        if path not in gone and is_used:
            yield path


def is_in(text: str, path: Path) -> bool:
    """Return whether a file still contains a text, as a string of Python or in a template."""
    source = path.read_text("utf-8")
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(source))
        return any(isinstance(node, ast.Constant) and node.value == text for node in nodes)
    words = " ".join(source.split())
    block = re.sub(r"%\((\w+)\)s", r"{{ \1 }}", text).replace("%%", "%")
    return " ".join(text.split()) in words or " ".join(block.split()) in words


def merge_catalogs(base: str, ours: str, theirs: str) -> list[Message]:
    """Merge two versions message by message: our translations, and the places of both."""
    old, own, new = ({it.key: it for it in read_catalog(text)} for text in (base, ours, theirs))
    kept = [it for key, it in own.items() if key not in new and key not in old]
    return [join(old.get(key), own.get(key, it), it) for key, it in new.items()] + kept


def join(old: Message | None, own: Message, new: Message) -> Message:
    source = new.source if old is not None and own.source == old.source else own.source
    added = [it for it in own.locations if old is None or it not in old.locations]
    locations = tuple(dict.fromkeys([*new.locations, *added]))
    return replace(new, source=source, locations=locations)
