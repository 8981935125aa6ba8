"""How many rows a list shows on a page."""

from collections.abc import Callable

from app.application import ExtensionPoint

DEFAULT_PAGE_SIZE = 25

# The part that knows the user's choice adds it (app/preferences).
page_size_source: ExtensionPoint[Callable[[], int]] = ExtensionPoint("page_size")


def page_size() -> int:
    sources = page_size_source.items()
    return sources[-1]() if sources else DEFAULT_PAGE_SIZE
