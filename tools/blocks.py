"""Remove the lines of a part from a file that other parts share.

A comment that says `part: NAME` begins a block, which ends at the comment `end part: NAME`. At the
end of a line with other text, `part: NAME` marks that line alone.
"""

import re
from collections.abc import Collection

from tools.git import Refused

MARK = re.compile(
    r"^(?P<before>.*?)\s*(?:\#|<!--|\{\#|/\*|//|--)\s*"
    r"(?P<end>end )?part: (?P<name>[\w-]+)\s*(?:-->|\#\}|\*/)?\s*$"
)


def remove_blocks(text: str, names: Collection[str], path: str = "a file") -> str:
    """Return the text without the blocks and lines of these parts."""
    lines = text.splitlines(keepends=True)
    return without_lines(lines, marked_lines(lines, names, path))


def marked_lines(lines: list[str], names: Collection[str], path: str) -> set[int]:
    marked: set[int] = set()
    begun: list[str] = []
    for number, line in enumerate(lines):
        mark = MARK.match(line)
        is_ours = mark is not None and mark["name"] in names
        if is_ours or begun:
            marked.add(number)
        if mark and is_ours and not mark["before"].strip():
            change(begun, mark["name"], bool(mark["end"]), f"{path}, line {number + 1}")
    if begun:
        raise Refused(f"{path}: the block of part {begun[-1]} has no end.")
    return marked


def change(begun: list[str], name: str, is_end: bool, place: str) -> None:
    """Note that a block begins or ends."""
    if not is_end:
        begun.append(name)
    elif not begun or begun.pop() != name:
        raise Refused(f"{place}: this ends a block of part {name} that has not begun.")


def without_lines(lines: list[str], removed: Collection[int]) -> str:
    """Return the text without some lines, and with no more blank lines in a row than before.

    Of the blank lines before and after a gap, the longer run is kept, as formatters require.
    """
    kept: list[str] = []
    surplus = 0
    for number, line in enumerate(lines):
        if number in removed:
            surplus = blank_lines_at_end(kept)
        elif line.strip() or not surplus:
            kept.append(line)
            surplus = 0
        else:
            surplus -= 1
    if removed and lines and len(lines) - 1 in removed:
        while kept and not kept[-1].strip():
            kept.pop()
    return "".join(kept)


def blank_lines_at_end(lines: list[str]) -> int:
    count = 0
    while count < len(lines) and not lines[-1 - count].strip():
        count += 1
    return count
