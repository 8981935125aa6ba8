"""Check that two targets send the same markup, so that only the stack around it differs."""

from difflib import unified_diff

from benchmarks.browser import TOKEN, UnexpectedResponse

# Targets whose pages are identical, byte for byte, apart from the values of the tokens.
SAME_MARKUP = ["minimal", "lockstep_minimal"]

Pages = dict[tuple[str, str], str]


def require_same_markup(pages: Pages) -> None:
    """Compare the pages of SAME_MARKUP, by (operation, target). Raises UnexpectedResponse."""
    first, *others = SAME_MARKUP
    for operation in [operation for operation, target in pages if target == first]:
        expected = without_tokens(pages[operation, first])
        for other in others:
            markup = without_tokens(pages[operation, other])
            if markup != expected:
                raise UnexpectedResponse(f"{operation}: {difference(expected, markup)}")


def without_tokens(page: str) -> str:
    return TOKEN.sub(lambda field: field[0].replace(field[2], ""), page)


def difference(one: str, other: str) -> str:
    lines = unified_diff(one.splitlines(), other.splitlines(), *SAME_MARKUP, lineterm="")
    return "\n".join(lines) or "line ends differ"
