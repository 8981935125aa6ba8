"""Marked blocks and lines of a part are removed from files that parts share."""

import pytest

from tools.blocks import remove_blocks
from tools.git import Refused

PYTHON = """import one

# part: circles
import two

# end part: circles
import three  # part: circles


def four() -> None:
    five()
    # part: shapes
    six()
    # end part: shapes


def seven() -> None:
    pass
"""


def test_a_block_is_removed_with_its_marks_and_blank_lines() -> None:
    assert remove_blocks(PYTHON, {"circles"}).startswith("import one\n\n\ndef four")


def test_blocks_of_other_parts_stay() -> None:
    assert "six()" in remove_blocks(PYTHON, {"circles"})
    assert "import two" in remove_blocks(PYTHON, {"shapes"})


def test_the_rest_keeps_its_format() -> None:
    assert "    five()\n\n\ndef seven" in remove_blocks(PYTHON, {"shapes"})


@pytest.mark.parametrize(
    "marked",
    [
        "<!-- part: x -->\nit\n<!-- end part: x -->\n",
        "| it | <!-- part: x -->\n",
        "{# part: x #}\nit\n{# end part: x #}\n",
        "/* part: x */\nit\n/* end part: x */\n",
        "-- part: x\nit\n-- end part: x\n",
    ],
)
def test_each_kind_of_comment_can_mark(marked: str) -> None:
    assert remove_blocks(f"before\n{marked}after\n", {"x"}) == "before\nafter\n"


@pytest.mark.parametrize("text", ["# part: x\nit\n", "it\n# end part: x\n"])
def test_a_block_without_its_other_mark_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="part x"):
        remove_blocks(text, {"x"}, "a.py")


def test_a_file_without_marks_is_unchanged() -> None:
    text = "a\n\n\n\n\nb\n\n"
    assert remove_blocks(text, {"x"}) == text
