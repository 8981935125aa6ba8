"""What came with the starter, and what is the product's own.

Rules about words, pages, names and sizes hold for the former. For the latter they are advice: the
test is skipped and says what could be done (`pytest -rs` lists it). So an ordinary page, table or
template of a product passes the suite as it is.
"""

from pathlib import PurePath

import pytest

# The folders below app/, and below app/templates/, that came with the starter.
FOLDERS = frozenset(
    [
        "accounts",
        "audit",
        "auth",
        "components",
        "dev",
        "doctor",
        "fragments",
        "jobs",
        "mail",
        "monitoring",
        "pages",
        "passkeys",
        "preferences",
        "sessions",
        "static",
        "templates",
        "two_factor",
        "users",
        "well_known",
    ]
)


def is_products(path: str) -> bool:
    """Return whether a file is the product's: notes/views.py, templates/notes/notes.html.

    The path is given below app/. A file beside the folders counts as the starter's.
    """
    folders = PurePath(path.removeprefix("templates/")).parts[:-1]
    return bool(folders) and folders[0] not in FOLDERS


def is_products_module(name: str) -> bool:
    """Return whether a module is the product's, or a package of others."""
    return name.startswith("app.") and is_products(name.removeprefix("app.").replace(".", "/"))


def require(is_met: bool, advice: str, *, path: str) -> None:
    """Fail with the advice where a file of the starter breaks a rule; skip for the product's."""
    if not is_met and is_products(path):
        pytest.skip(advice)
    assert is_met, advice
