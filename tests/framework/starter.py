"""Tell the files of the starter from those of the product built on it.

Rules about wording, pages, names and sizes fail for the starter's files. For the product's files
they are advice: the test is skipped and says what could be improved (`pytest -rs` lists it). So an
ordinary page, table or template of a product passes the test suite.
"""

from pathlib import PurePath

import pytest

from app import FOUNDATION, IDENTITY, PRODUCT

# Folders of app/ and app/templates/ that are not parts.
OTHER_FOLDERS = frozenset(["crypto", "static", "templates", "components", "fragments"])
FOLDERS = {
    part.__name__.removeprefix("app.") for part in FOUNDATION + IDENTITY + PRODUCT
} | OTHER_FOLDERS


def is_products(path: str) -> bool:
    """Return whether a file below app/ is the product's, such as notes/views.py.

    Files directly in app/ count as the starter's.
    """
    folders = PurePath(path.removeprefix("templates/")).parts[:-1]
    return bool(folders) and folders[0] not in FOLDERS


def is_products_module(name: str) -> bool:
    """Return whether a module of app/ is the product's."""
    return name.startswith("app.") and is_products(name.removeprefix("app.").replace(".", "/"))


def require(is_met: bool, advice: str, *, path: str) -> None:
    """Fail with the advice if a file of the starter breaks a rule; skip for the product's."""
    if not is_met and is_products(path):
        pytest.skip(advice)
    assert is_met, advice
